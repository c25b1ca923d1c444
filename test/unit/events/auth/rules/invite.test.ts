import { describe, expect, it } from 'vitest'
import { inviteIdSchema } from '../../../../../node/base/ids.ts'
import { createJoinProof } from '../../../../../node/events/join-proof.ts'
import { DRAFT_TIME_MS, lawDraft } from '../../../../kit/drafts.ts'
import type { GuildGraph, TestInvite } from '../../../../kit/guild-graph.ts'
import { person, type Person } from '../../../../kit/test-node.ts'
import {
  admin,
  answer,
  type Answer,
  banned,
  contributor,
  member,
  moderator,
  owner,
  SOME_KEY,
  staffedGuild,
  stranger,
} from '../staff.ts'

const proofFor = (guild: GuildGraph, { secret }: TestInvite, who: Person): string =>
  createJoinProof(secret, { guildId: guild.guildId, userId: who.userId, serverName: who.node.serverName })

const joinDraft = (guild: GuildGraph, invite: TestInvite, who: Person) =>
  lawDraft(guild, who, 'member.join', {
    author: { id: who.userId, username: who.username },
    invite_id: invite.inviteId,
    proof: proofFor(guild, invite, who),
  })

describe('an invite', () => {
  it.each<[string, Person, readonly string[] | undefined, Answer]>([
    ['brings in members, if a member makes it', member, undefined, 'allowed'],
    ['brings in members, if it says so', member, ['member'], 'allowed'],
    ['brings in whoever ranks below', member, ['contributor', 'guest'], 'allowed'],
    ['brings in nobody above', member, ['maintainer'], 'role_not_grantable'],
    ['brings in no equals beyond members', moderator, ['moderator'], 'role_not_grantable'],
    ['brings in no second owner', owner, ['owner'], 'role_not_grantable'],
    ['names roles that exist', owner, ['nothing'], 'unknown_role'],
    ['needs the permission', contributor, ['guest'], 'missing_permission'],
  ])('%s', (_sentence, who, roles, expected) => {
    const guild = staffedGuild()
    const offer = roles ? { roles } : {}

    expect(answer(lawDraft(guild, who, 'invite.create', { public_key: SOME_KEY, ...offer }), guild.state())).toBe(
      expected,
    )
    expect(answer(lawDraft(guild, who, 'member.invite', { target: stranger.ref, ...offer }), guild.state())).toBe(
      expected,
    )
  })

  it('made by one who ranks below members does not bring in members', () => {
    const guild = staffedGuild()
    const role = guild.state().roles.get('contributor')
    const permissions = (role?.permissions ?? 0) | 256
    guild.act(owner, 'role.put', { role_id: 'contributor', name: 'Contributor', position: 200, permissions })

    const create = lawDraft(guild, contributor, 'invite.create', { public_key: SOME_KEY })

    expect(answer(create, guild.state())).toBe('role_not_grantable')
  })

  it('is revoked by its maker or by who manages the guild', () => {
    const guild = staffedGuild()
    const { inviteId } = guild.invite(member)
    const revokedBy = (who: Person): Answer =>
      answer(lawDraft(guild, who, 'invite.revoke', { invite_id: inviteId }), guild.state())

    expect([member, admin, owner].map(revokedBy)).toEqual(['allowed', 'allowed', 'allowed'])
    expect([moderator, contributor].map(revokedBy)).toEqual(['missing_permission', 'missing_permission'])
    expect(revokedBy(stranger)).toBe('not_a_member')
  })

  it('is revoked once, and only if it exists', () => {
    const guild = staffedGuild()
    const { inviteId } = guild.invite(owner)
    const unknown = inviteIdSchema.parse('00000000-0000-8000-8000-000000000000')

    guild.act(owner, 'invite.revoke', { invite_id: inviteId })

    expect(answer(lawDraft(guild, owner, 'invite.revoke', { invite_id: inviteId }), guild.state())).toBe(
      'invite_revoked',
    )
    expect(answer(lawDraft(guild, owner, 'invite.revoke', { invite_id: unknown }), guild.state())).toBe(
      'unknown_invite',
    )
  })
})

describe('joining with an invite', () => {
  it('gives its roles and counts its use', () => {
    const guild = staffedGuild()
    const invite = guild.invite(owner, { roles: ['viewer', 'guest'], max_uses: 2 })
    guild.tell(owner.node, stranger.node)

    const join = guild.join(stranger, invite)

    expect(guild.state().members.get(stranger.key)).toEqual({
      userId: stranger.userId,
      serverName: stranger.node.serverName,
      username: 'stranger',
      roles: ['guest', 'viewer'],
      joinedAt: join.origin_ts,
      joinEvent: join.event_id,
    })
    expect(guild.state().invites.get(invite.inviteId)?.uses).toBe(1)
  })

  it('works until it was used as often as it may be', () => {
    const guild = staffedGuild()
    const invite = guild.invite(owner, { max_uses: 1 })
    guild.tell(owner.node, stranger.node)
    expect(answer(joinDraft(guild, invite, person('late')), guild.state())).toBe('allowed')

    guild.join(stranger, invite)

    expect(answer(joinDraft(guild, invite, person('late')), guild.state())).toBe('invite_used_up')
  })

  it('admits one of two who used the last place on both sides of a partition', () => {
    const guild = staffedGuild()
    const invite = guild.invite(owner, { max_uses: 1 })
    const [one, two] = [person('one'), person('two')]
    for (const who of [one, two]) guild.tell(owner.node, who.node)

    const joins = [guild.join(one, invite), guild.join(two, invite)]

    const verdicts = joins.map((join) => guild.law().current().verdictOf(join.event_id))
    expect(verdicts).toEqual([{ kind: 'allowed' }, expect.objectContaining({ code: 'invite_used_up' })])
  })

  it.each<[string, number, Answer]>([
    ['before it expires', DRAFT_TIME_MS + 1, 'allowed'],
    ['no more at the moment it expires', DRAFT_TIME_MS, 'invite_expired'],
    ['no more after it has expired', DRAFT_TIME_MS - 1, 'invite_expired'],
  ])('works %s', (_sentence, expires_at, expected) => {
    const guild = staffedGuild()
    const invite = guild.invite(owner, { expires_at })

    expect(answer(joinDraft(guild, invite, stranger), guild.state())).toBe(expected)
  })

  it('works no more after it was revoked', () => {
    const guild = staffedGuild()
    const invite = guild.invite(owner)

    guild.act(owner, 'invite.revoke', { invite_id: invite.inviteId })

    expect(answer(joinDraft(guild, invite, stranger), guild.state())).toBe('invite_revoked')
  })

  it('is not for members, nor for the banned', () => {
    const guild = staffedGuild()
    const invite = guild.invite(owner)

    expect(answer(joinDraft(guild, invite, member), guild.state())).toBe('already_a_member')
    expect(answer(joinDraft(guild, invite, banned), guild.state())).toBe('banned')
  })

  it('needs a proof made for this joiner, this guild and this invite', () => {
    const guild = staffedGuild()
    const invite = guild.invite(owner)
    const act = joinDraft(guild, invite, stranger)
    const withProof = (proof: string): Answer => answer({ ...act, content: { ...act.content, proof } }, guild.state())

    expect(withProof(proofFor(guild, invite, stranger))).toBe('allowed')
    expect(withProof(proofFor(guild, invite, person('thief')))).toBe('bad_proof')
    expect(withProof(proofFor(guild, guild.invite(owner), stranger))).toBe('bad_proof')
    expect(withProof('A'.repeat(86))).toBe('bad_proof')
  })

  it('remembers of a join that its proof was wrong, and that it was right', () => {
    const guild = staffedGuild()
    const invite = guild.invite(owner)
    const good = joinDraft(guild, invite, stranger)
    const bad = { ...good, content: { ...good.content, proof: 'A'.repeat(86) } }

    for (let time = 0; time < 3; time += 1) {
      expect(answer(good, guild.state())).toBe('allowed')
      expect(answer(bad, guild.state())).toBe('bad_proof')
    }
  })

  it('names an invite that exists', () => {
    const guild = staffedGuild()
    const act = joinDraft(guild, guild.invite(owner), stranger)

    expect(answer(act, staffedGuild().state())).toBe('unknown_invite')
  })

  it('is written by who joins', () => {
    const guild = staffedGuild()
    const act = joinDraft(guild, guild.invite(owner), stranger)
    const content = { ...act.content, author: { id: member.userId, username: 'member' } }

    expect(answer({ ...act, content }, guild.state())).toBe('author_mismatch')
  })
})

describe('joining by invitation', () => {
  const joinOf = (guild: GuildGraph, who: Person) =>
    lawDraft(guild, who, 'member.join', { author: { id: who.userId, username: who.username } })

  it('is for who was named, once', () => {
    const guild = staffedGuild()
    guild.act(owner, 'member.invite', { target: stranger.ref, roles: ['viewer'] })
    expect(answer(joinOf(guild, stranger), guild.state())).toBe('allowed')
    expect(answer(joinOf(guild, person('other')), guild.state())).toBe('not_invited')

    guild.share()
    guild.act(stranger, 'member.join', joinOf(guild, stranger).content)
    guild.share()
    guild.act(stranger, 'member.leave', {})

    expect(answer(joinOf(guild, stranger), guild.state())).toBe('not_invited')
  })

  it('is not for members, nor for the banned', () => {
    const guild = staffedGuild()
    const inviting = (who: Person) => lawDraft(guild, owner, 'member.invite', { target: who.ref })

    expect(answer(inviting(member), guild.state())).toBe('already_a_member')
    expect(answer(inviting(banned), guild.state())).toBe('banned')
  })
})

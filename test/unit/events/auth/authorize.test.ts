import { describe, expect, it } from 'vitest'
import type { Act } from '../../../../node/events/auth/act.ts'
import { authorize } from '../../../../node/events/auth/authorize.ts'
import { permissionBits } from '../../../../node/events/permissions.ts'
import { lawDraft, messageDraft } from '../../../kit/drafts.ts'
import { guildOf } from '../../../kit/guild-graph.ts'
import type { Person } from '../../../kit/test-node.ts'
import {
  admin,
  answer,
  type Answer,
  banned,
  contributor,
  guest,
  maintainer,
  member,
  moderator,
  owner,
  SOME_KEY,
  staffedGuild,
  steward,
  stranger,
  viewer,
} from './staff.ts'

const guild = staffedGuild()
const state = guild.state()
const general = guild.channel('general')

const everybody = { owner, admin, moderator, maintainer, steward, member, contributor, viewer, guest, stranger, banned }
type Name = keyof typeof everybody

/** These may; other members lack the permission, and who is outside is told so. */
function expectOnly(allowed: readonly Name[], actOf: (who: Person) => Act): void {
  const answers = Object.entries(everybody).map(([name, who]) => [name, answer(actOf(who), state)])
  const expected = Object.keys(everybody).map((name) => [
    name,
    allowed.some((one) => one === name) ? 'allowed' : outside(name),
  ])
  expect(answers).toEqual(expected)
}

const outside = (name: string): Answer => {
  if (name === 'stranger') return 'not_a_member'
  return name === 'banned' ? 'banned' : 'missing_permission'
}

describe('what each default role may do', () => {
  it('contributors and those above post; viewers, guests and holders of bare roles do not', () => {
    const posting: Name[] = ['owner', 'admin', 'moderator', 'maintainer', 'member', 'contributor']
    expectOnly(posting, (who) => messageDraft(guild, who, general))
  })

  it('maintainers and those above manage channels', () => {
    const managing: Name[] = ['owner', 'admin', 'moderator', 'maintainer']
    expectOnly(managing, (who) => lawDraft(guild, who, 'channel.create', { name: 'news' }))
    expectOnly(managing, (who) => lawDraft(guild, who, 'channel.update', { channel_id: general, name: 'news' }))
    expectOnly(managing, (who) => lawDraft(guild, who, 'channel.delete', { channel_id: general }))
  })

  it('admins and the owner manage the guild', () => {
    expectOnly(['owner', 'admin'], (who) => lawDraft(guild, who, 'guild.update', { name: 'Renamed' }))
  })

  it('who manages roles makes and deletes low ones', () => {
    const permissions = permissionBits('view_channel')
    const role = { role_id: 'helper', name: 'Helper', position: 10, permissions }
    expectOnly(['owner', 'admin', 'steward'], (who) => lawDraft(guild, who, 'role.put', role))
    expectOnly(['owner', 'admin', 'steward'], (who) => lawDraft(guild, who, 'role.delete', { role_id: 'guest' }))
  })

  it('members and those above invite', () => {
    const inviting: Name[] = ['owner', 'admin', 'moderator', 'maintainer', 'steward', 'member']
    expectOnly(inviting, (who) => lawDraft(guild, who, 'invite.create', { public_key: SOME_KEY, roles: [] }))
    expectOnly(inviting, (who) => lawDraft(guild, who, 'member.invite', { target: stranger.ref, roles: [] }))
  })

  it('moderators and those above remove people and let them in again', () => {
    const removing: Name[] = ['owner', 'admin', 'moderator']
    expectOnly(removing, (who) => lawDraft(guild, who, 'member.kick', { target: guest.ref }))
    expectOnly(removing, (who) => lawDraft(guild, who, 'member.ban', { target: stranger.ref }))
    expectOnly(removing, (who) => lawDraft(guild, who, 'member.unban', { target: banned.ref }))
  })
})

describe('what the law says of any event', () => {
  it('refuses types it does not know, those of the timeline and those of the law', () => {
    for (const event_type of ['reaction.add', 'message.edit', 'pin.add', 'role.reorder', 'law', 'toString'])
      expect(answer({ ...messageDraft(guild, owner, general), event_type, content: {} }, state)).toBe('unknown_type')
  })

  it('refuses everything but guild.create before the guild exists', () => {
    const update = lawDraft(guild, owner, 'guild.update', {})

    expect(answer(update, undefined)).toBe('no_guild')
    expect(answer(messageDraft(guild, owner, general), undefined)).toBe('no_guild')
  })

  it('refuses events of another guild, whoever sends them', () => {
    const other = guildOf(owner, 'Another guild').withChannel('general')

    expect(answer(lawDraft(other, owner, 'guild.update', { name: 'Replayed' }), state)).toBe('wrong_guild')
    expect(answer(messageDraft(other, owner, general), state)).toBe('wrong_guild')
  })

  it('takes a user of the same id on another node for somebody else', () => {
    const act = lawDraft(guild, owner, 'guild.update', { name: 'Taken over' })

    expect(answer({ ...act, origin_server: member.node.serverName }, state)).toBe('not_a_member')
  })

  it('judges a signed event and its unsigned draft alike', () => {
    const verdicts = guild.lawEvents.map((event) => authorize(event, state))
    const drafts = guild.lawEvents.map(({ event_id: _id, signatures: _signatures, ...draft }) =>
      authorize(draft, state),
    )

    expect(drafts).toEqual(verdicts)
  })

  it('gives every refusal a sentence', () => {
    const verdict = authorize(lawDraft(guild, guest, 'guild.update', {}), state)

    expect(verdict).toEqual({
      kind: 'refused',
      code: 'missing_permission',
      reason: 'The sender lacks the permission manage_guild.',
    })
  })
})

describe('the genesis', () => {
  const genesis = { nonce: '00'.repeat(16), name: 'New', author: { id: owner.userId, username: 'owner' } }

  it('is the first event of a guild', () => {
    expect(answer(lawDraft(guild, owner, 'guild.create', genesis), undefined)).toBe('allowed')
  })

  it('happens once', () => {
    expect(answer(lawDraft(guild, owner, 'guild.create', genesis), state)).toBe('guild_exists')
  })

  it('is written by the owner-to-be', () => {
    expect(answer(lawDraft(guild, admin, 'guild.create', genesis), undefined)).toBe('author_mismatch')
  })
})

describe('names', () => {
  const long = '🦊'.repeat(64)

  it.each<[string, Answer]>([
    ['general', 'allowed'],
    ['with space inside', 'allowed'],
    [long, 'allowed'],
    [`${long}x`, 'bad_name'],
    ['', 'bad_name'],
    [' general', 'bad_name'],
    ['general\u0085', 'bad_name'],
    ['\u3000', 'bad_name'],
  ])('a channel or guild called %j: %s', (name, expected) => {
    expect(answer(lawDraft(guild, owner, 'channel.create', { name }), state)).toBe(expected)
    expect(answer(lawDraft(guild, owner, 'channel.update', { channel_id: general, name }), state)).toBe(expected)
    expect(answer(lawDraft(guild, owner, 'guild.update', { name }), state)).toBe(expected)
  })
})

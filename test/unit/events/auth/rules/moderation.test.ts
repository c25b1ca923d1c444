import { describe, expect, it } from 'vitest'
import { lawDraft, DRAFT_TIME_MS } from '../../../../kit/drafts.ts'
import type { Person } from '../../../../kit/test-node.ts'
import {
  admin,
  answer,
  type Answer,
  banned,
  member,
  moderator,
  otherAdmin,
  owner,
  staffedGuild,
  stranger,
} from '../staff.ts'

const targets: [string, Person, Person, Answer][] = [
  ['those below', moderator, member, 'allowed'],
  ['no equals', admin, otherAdmin, 'outranked'],
  ['none above', moderator, admin, 'outranked'],
  ['not oneself', moderator, moderator, 'outranked'],
  ['never the owner', admin, owner, 'owner_untouchable'],
  ['not oneself as the owner', owner, owner, 'owner_untouchable'],
]

describe('kick and ban', () => {
  const guild = staffedGuild()
  const state = guild.state()

  it.each(targets)('reach %s', (_sentence, who, target, expected) => {
    expect(answer(lawDraft(guild, who, 'member.kick', { target: target.ref }), state)).toBe(expected)
    expect(answer(lawDraft(guild, who, 'member.ban', { target: target.ref }), state)).toBe(expected)
  })

  it('only a ban reaches who is no member', () => {
    expect(answer(lawDraft(guild, moderator, 'member.kick', { target: stranger.ref }), state)).toBe('unknown_target')
    expect(answer(lawDraft(guild, moderator, 'member.ban', { target: stranger.ref }), state)).toBe('allowed')
    expect(answer(lawDraft(guild, moderator, 'member.ban', { target: banned.ref }), state)).toBe('allowed')
  })

  it('only the banned are unbanned', () => {
    expect(answer(lawDraft(guild, moderator, 'member.unban', { target: banned.ref }), state)).toBe('allowed')
    expect(answer(lawDraft(guild, moderator, 'member.unban', { target: member.ref }), state)).toBe('not_banned')
  })
})

it('the owner can not leave, everybody else can', () => {
  const guild = staffedGuild()

  expect(answer(lawDraft(guild, owner, 'member.leave', {}), guild.state())).toBe('owner_untouchable')
  expect(answer(lawDraft(guild, member, 'member.leave', {}), guild.state())).toBe('allowed')
  guild.act(member, 'member.leave', {})
  expect(guild.state().members.has(member.key)).toBe(false)
})

it('who was kicked may come back by invitation, without the old roles', () => {
  const guild = staffedGuild()

  guild.act(owner, 'member.kick', { target: moderator.ref })
  guild.share()
  expect(guild.state().members.has(moderator.key)).toBe(false)

  guild.withMember(moderator)
  expect(guild.state().members.get(moderator.key)?.roles).toEqual(['member'])
})

describe('a ban', () => {
  it('removes the member and says why, by whom and when', () => {
    const guild = staffedGuild()
    const ban = guild.act(moderator, 'member.ban', { target: member.ref, reason: 'flooding', expires_at: 7 })

    expect(guild.state().members.has(member.key)).toBe(false)
    expect(guild.state().bans.get(member.key)).toEqual({
      reason: 'flooding',
      expiresAt: 7,
      bannedAt: ban.origin_ts,
      bannedBy: moderator.key,
      banEvent: ban.event_id,
    })
  })

  it.each<[string, number, Answer]>([
    ['before it expires', DRAFT_TIME_MS + 1, 'banned'],
    ['at the moment it expires', DRAFT_TIME_MS, 'not_invited'],
    ['after it has expired', DRAFT_TIME_MS - 1, 'not_invited'],
  ])('keeps its target out: %s', (_sentence, expires_at, expected) => {
    const guild = staffedGuild()
    guild.act(owner, 'member.ban', { target: member.ref, expires_at })
    const join = lawDraft(guild, member, 'member.join', { author: { id: member.userId, username: 'member' } })

    expect(answer(join, guild.state())).toBe(expected)
    expect(answer(lawDraft(guild, owner, 'member.invite', { target: member.ref }), guild.state())).toBe(
      expected === 'banned' ? 'banned' : 'allowed',
    )
  })

  it('that has expired is gone once its target joins again', () => {
    const guild = staffedGuild()
    guild.act(owner, 'member.ban', { target: member.ref, expires_at: 1 })
    guild.share()

    guild.withMember(member)

    expect(guild.state().bans.has(member.key)).toBe(false)
    expect(guild.state().members.has(member.key)).toBe(true)
  })

  it('ends with an unban', () => {
    const guild = staffedGuild()
    guild.act(owner, 'member.unban', { target: banned.ref })
    guild.share()

    guild.withMember(banned)

    expect(guild.state().members.has(banned.key)).toBe(true)
  })

  it('takes back an invitation of its target', () => {
    const guild = staffedGuild()
    guild.act(owner, 'member.invite', { target: stranger.ref })

    guild.act(owner, 'member.ban', { target: stranger.ref })

    expect(guild.state().invited.size).toBe(0)
  })

  it('takes along what its target offered to others', () => {
    const guild = staffedGuild()
    const link = guild.invite(member)
    guild.act(member, 'member.invite', { target: stranger.ref })
    guild.share()
    const other = guild.invite(owner)

    guild.act(owner, 'member.ban', { target: member.ref })

    expect(guild.state().invites.get(link.inviteId)?.revoked).toBe(true)
    expect(guild.state().invites.get(other.inviteId)?.revoked).toBe(false)
    expect(guild.state().invited.size).toBe(0)
  })
})

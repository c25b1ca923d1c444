import { describe, expect, it } from 'vitest'
import type { EventId } from '../../../../node/base/ids.ts'
import type { LawEvent } from '../../../../node/events/schema/event.ts'
import { type GuildGraph, guildOf } from '../../../kit/guild-graph.ts'
import { person, type Person } from '../../../kit/test-node.ts'

const alice = person('alice')
const bob = person('bob')
const carol = person('carol')
const dan = person('dan')
const eve = person('eve')
const mallory = person('mallory')
const puppet = person('puppet')

/** Alice owns it; Bob and Mallory are admins, Carol is a moderator, Dan and Eve are members. Everybody knows. */
const guildWithStaff = (): GuildGraph =>
  guildOf(alice)
    .withChannel('general')
    .withMember(bob, { roles: ['admin'] })
    .withMember(mallory, { roles: ['admin'] })
    .withMember(carol, { roles: ['moderator'] })
    .withMember(dan)
    .withMember(eve)

function verdictOn(guild: GuildGraph, { event_id: id }: { event_id: EventId }): string {
  const verdict = guild.law().current().verdictOf(id)
  return verdict?.kind === 'refused' ? verdict.code : (verdict?.kind ?? 'unknown')
}

const verdictsOn = (guild: GuildGraph, events: readonly LawEvent[]): string[] =>
  events.map((event) => verdictOn(guild, event))

const authorOf = (who: Person) => ({ id: who.userId, username: who.username })

/** What this person does next rests on a stranger's act with a late clock, and so takes its place late in the order. */
function delay(guild: GuildGraph, who: Person): void {
  const stranger = person('stranger')
  guild.tell(who.node, stranger.node)
  guild.act(stranger, 'member.join', { author: authorOf(stranger) }, { at: Date.UTC(2100, 0) })
  guild.tell(stranger.node, who.node)
}

describe('backdated acts after a demotion', () => {
  // Would let a former admin go on as an admin for ever, by never admitting to have heard of it.
  it('are void, whatever their clocks say and however many there are', () => {
    const guild = guildWithStaff()
    const before = guild.law().heads()
    const demotion = guild.act(alice, 'member.roles', { target: mallory.ref, roles: ['member'] })
    guild.share()

    const first = guild.act(mallory, 'member.ban', { target: dan.ref }, { at: 0, authEvents: before })
    const then = guild.act(mallory, 'channel.create', { name: 'mine' }, { authEvents: [first.event_id] })

    expect(verdictsOn(guild, [demotion, first, then])).toEqual(['allowed', 'voided', 'voided'])
    expect(guild.state().bans.size).toBe(0)
    expect(guild.law().current().verdictOf(then.event_id)).toEqual({
      kind: 'voided',
      code: 'voided',
      removal: demotion.event_id,
    })
  })

  // Would let them slip in before it: the demotion rests on an act without rank and so takes its place late in the order.
  it('are void also where the demotion takes its place behind them', () => {
    const guild = guildWithStaff()
    delay(guild, alice)
    guild.act(alice, 'member.roles', { target: mallory.ref, roles: ['member'] })

    const ban = guild.act(mallory, 'member.ban', { target: eve.ref })

    expect(verdictOn(guild, ban)).toBe('voided')
    expect(guild.state().members.has(eve.key)).toBe(true)
  })

  it('do not take with them what the demotion had seen', () => {
    const guild = guildWithStaff()
    const seen = guild.act(mallory, 'channel.create', { name: 'seen' })
    guild.tell(mallory.node, alice.node)

    guild.act(alice, 'member.roles', { target: mallory.ref, roles: ['member'] })

    expect(verdictOn(guild, seen)).toBe('allowed')
  })

  // Would make every promotion a danger for what the promoted does at that time.
  it('are no matter where nothing is taken away', () => {
    const guild = guildWithStaff()
    guild.act(alice, 'member.roles', { target: carol.ref, roles: ['moderator', 'member'] })

    const kick = guild.act(carol, 'member.kick', { target: dan.ref })

    expect(verdictOn(guild, kick)).toBe('allowed')
  })
})

describe('acts of a banned admin in a partition', () => {
  // Would let one stolen account rebuild the guild out of sight and present it on the day of healing.
  it('are all void after the healing: bans, roles, channels, invites', () => {
    const guild = guildWithStaff()
    guild.act(alice, 'member.ban', { target: mallory.ref })
    const acts = [
      guild.act(mallory, 'member.ban', { target: carol.ref }),
      guild.act(mallory, 'member.kick', { target: dan.ref }),
      guild.act(mallory, 'role.put', { role_id: 'gang', name: 'Gang', position: 590, permissions: 8191 }),
      guild.act(mallory, 'member.roles', { target: eve.ref, roles: ['member', 'gang'] }),
      guild.act(mallory, 'channel.create', { name: 'hideout' }),
      guild.act(mallory, 'guild.update', { name: 'Mallory and friends' }),
      guild.invite(mallory, { roles: ['gang'] }).event,
    ]

    expect(new Set(verdictsOn(guild, acts))).toEqual(new Set(['voided']))
    expect([...guild.state().members.keys()].sort()).toEqual([alice, bob, carol, dan, eve].map(({ key }) => key).sort())
  })

  // Would let the banned go on under other names: nobody has ever banned those.
  it('give no power to those they let in there, nor to their bans', () => {
    const guild = guildWithStaff()
    guild.act(alice, 'member.ban', { target: mallory.ref })
    const invite = guild.invite(mallory, { roles: ['moderator'] })
    guild.tell(mallory.node, puppet.node)
    const join = guild.join(puppet, invite)
    const ban = guild.act(puppet, 'member.ban', { target: dan.ref })
    const byDan = guild.act(dan, 'member.invite', { target: person('friend').ref })

    expect(verdictsOn(guild, [join, ban, byDan])).toEqual(['voided', 'not_a_member', 'allowed'])
    expect(guild.state().members.has(dan.key)).toBe(true)
  })

  // Would let the banned come back with an invite made for that day, used where the ban is not known.
  it('let nobody in by their older invites', () => {
    const guild = guildWithStaff()
    const invite = guild.invite(mallory)
    guild.share()
    delay(guild, alice)
    guild.act(alice, 'member.ban', { target: mallory.ref })
    guild.tell(mallory.node, puppet.node)

    const join = guild.join(puppet, invite)

    expect(verdictOn(guild, join)).toBe('voided')
  })

  // Would turn a timely exit into a pardon.
  it('are void also when they kick themselves out first by leaving', () => {
    const guild = guildWithStaff()
    const kick = guild.act(alice, 'member.kick', { target: mallory.ref }, { at: Date.UTC(2100, 0) })
    const ban = guild.act(mallory, 'member.ban', { target: dan.ref }, { at: 0 })
    const leave = guild.act(mallory, 'member.leave', {}, { at: 0 })

    expect(verdictsOn(guild, [kick, ban])).toEqual(['allowed', 'voided'])
    expect(['allowed', 'not_a_member']).toContain(verdictOn(guild, leave))
    expect(guild.state().members.has(dan.key)).toBe(true)
  })

  // Would let a second removal that saw less undo nothing: whoever of two comes second in the order.
  it('are void if any of two removals that do not know of each other had not seen them', () => {
    const guild = guildWithStaff()
    const ban = guild.act(mallory, 'member.ban', { target: dan.ref })
    guild.tell(mallory.node, alice.node)
    const kicks = [
      guild.act(alice, 'member.kick', { target: mallory.ref }),
      guild.act(bob, 'member.kick', { target: mallory.ref }),
    ]

    // Bob, an admin, does not outrank Mallory; the kick of the owner had seen the ban.
    expect(verdictsOn(guild, [ban, ...kicks])).toEqual(['allowed', 'allowed', 'outranked'])

    const again = guildOf(alice)
      .withMember(bob, { roles: ['admin'] })
      .withMember(carol, { roles: ['moderator'] })
      .withMember(dan)
    const kickOfDan = again.act(carol, 'member.kick', { target: dan.ref })
    again.tell(carol.node, alice.node)
    const both = [
      again.act(alice, 'member.kick', { target: carol.ref }),
      again.act(bob, 'member.kick', { target: carol.ref }),
    ]
    expect(verdictsOn(again, [kickOfDan, ...both])).toEqual(['voided', 'allowed', 'allowed'])
  })
})

describe('mutual bans', () => {
  // Would leave it to the clock who wins, so that the liar does.
  it('are won by the higher rank, whatever the clocks say', () => {
    const guild = guildWithStaff()
    guild.act(alice, 'role.put', { role_id: 'chief', name: 'Chief', position: 650, permissions: 8191 })
    guild.share()
    // In Carol's view she was made chief; Bob has not heard of it.
    guild.act(alice, 'member.roles', { target: carol.ref, roles: ['moderator', 'chief'] })
    guild.tell(alice.node, carol.node)
    const byCarol = guild.act(carol, 'member.ban', { target: bob.ref }, { at: Date.UTC(2100, 0) })
    const byBob = guild.act(bob, 'member.ban', { target: carol.ref }, { at: 0 })

    expect(verdictsOn(guild, [byCarol, byBob])).toEqual(['allowed', 'voided'])
    expect(guild.state().members.has(carol.key)).toBe(true)
    expect(guild.state().members.has(bob.key)).toBe(false)
  })

  // Would let equals throw each other out.
  it('of equals are both refused where they were made', () => {
    const guild = guildWithStaff()
    const bans = [
      guild.act(bob, 'member.ban', { target: mallory.ref }),
      guild.act(mallory, 'member.ban', { target: bob.ref }),
    ]

    expect(verdictsOn(guild, bans)).toEqual(['outranked', 'outranked'])
  })

  // Each side would have to come first: no single order of replay could do it.
  it('crosswise, each having seen an act of the other side, both count', () => {
    const guild = guildWithStaff()
    const byDan = guild.act(dan, 'member.invite', { target: person('friend').ref })
    guild.tell(dan.node, bob.node)
    const byEve = guild.act(eve, 'member.invite', { target: person('other friend').ref })
    guild.tell(eve.node, mallory.node)

    const bans = [
      guild.act(bob, 'member.ban', { target: eve.ref }),
      guild.act(mallory, 'member.ban', { target: dan.ref }),
    ]

    expect(verdictsOn(guild, [...bans, byDan, byEve])).toEqual(['allowed', 'allowed', 'voided', 'voided'])
  })
})

describe('a ban against a concurrent unban', () => {
  // Would let an unban of last year's ban lift the one it has not heard of.
  it('wins, whoever spoke it', () => {
    const guild = guildWithStaff()
    guild.act(alice, 'member.ban', { target: dan.ref })
    guild.share()
    const again = guild.act(carol, 'member.ban', { target: dan.ref, reason: 'again' })
    const unban = guild.act(alice, 'member.unban', { target: dan.ref })

    expect(verdictsOn(guild, [again, unban])).toEqual(['allowed', 'voided'])
    expect(guild.state().bans.get(dan.key)?.reason).toBe('again')
  })

  it('is lifted by one that has seen it', () => {
    const guild = guildWithStaff()
    guild.act(carol, 'member.ban', { target: dan.ref })
    guild.share()
    guild.act(alice, 'member.unban', { target: dan.ref })

    expect(guild.state().bans.size).toBe(0)
  })
})

describe('a role deleted while it is granted', () => {
  // Would leave somebody with a role that does not exist, or that somebody makes anew with other powers.
  it('is held by nobody', () => {
    const guild = guildWithStaff()
    guild.act(alice, 'role.delete', { role_id: 'contributor' })
    const grant = guild.act(bob, 'member.roles', { target: dan.ref, roles: ['member', 'contributor'] })
    guild.share()
    guild.act(alice, 'role.put', { role_id: 'contributor', name: 'New', position: 650, permissions: 8191 })

    expect(verdictOn(guild, grant)).toBe('unknown_role')
    expect(guild.state().members.get(dan.key)?.roles).toEqual(['member'])
  })

  // Would let a demotion be undone by spoiling what it gives instead.
  it('is taken away all the same where it comes along with others', () => {
    const guild = guildWithStaff()
    guild.act(alice, 'role.delete', { role_id: 'contributor' })
    const demotion = guild.act(bob, 'member.roles', { target: carol.ref, roles: ['contributor'] })

    expect(verdictOn(guild, demotion)).toBe('allowed')
    expect(guild.state().members.get(carol.key)?.roles).toEqual([])
  })
})

describe('an invite across a partition', () => {
  // Would make a link for one into a link for as many as there are partitions.
  it('used more often than allowed lets in as many as allowed, the earlier first', () => {
    const guild = guildWithStaff()
    const invite = guild.invite(alice, { max_uses: 1 })
    guild.share()
    for (const one of [puppet, person('friend')]) guild.tell(alice.node, one.node)
    const late = guild.join(puppet, invite, { at: Date.UTC(2100, 0) })
    const early = guild.join(person('friend'), invite)

    expect(verdictsOn(guild, [early, late])).toEqual(['allowed', 'invite_used_up'])
    expect(guild.state().invites.get(invite.inviteId)?.uses).toBe(1)
  })

  // Would keep a leaked link open through any node that claims not to have heard.
  it('used by somebody whose node had not heard of the revocation is void', () => {
    const guild = guildWithStaff()
    const invite = guild.invite(alice)
    guild.share()
    delay(guild, alice)
    guild.act(alice, 'invite.revoke', { invite_id: invite.inviteId })
    guild.tell(bob.node, puppet.node)

    const join = guild.join(puppet, invite)

    expect(verdictOn(guild, join)).toBe('voided')
    expect(guild.state().members.has(puppet.key)).toBe(false)
  })

  it('used before the revocation stays used', () => {
    const guild = guildWithStaff()
    const invite = guild.invite(alice)
    guild.share()
    guild.tell(alice.node, puppet.node)
    guild.join(puppet, invite)
    guild.share()
    guild.act(alice, 'invite.revoke', { invite_id: invite.inviteId })

    expect(guild.state().members.has(puppet.key)).toBe(true)
  })

  // Would enrol people who never asked, under a name somebody else chose.
  it('can not be used for somebody else: neither the author nor the proof fits', () => {
    const guild = guildWithStaff()
    const invite = guild.invite(alice)
    guild.share()
    guild.tell(alice.node, puppet.node)
    const { content } = guild.join(puppet, invite)
    const forPuppet = guild.act(person('victim', 'mallory'), 'member.join', content)
    const withTheirName = guild.act(person('victim', 'mallory'), 'member.join', {
      ...content,
      author: authorOf(person('victim', 'mallory')),
    })

    expect(verdictsOn(guild, [forPuppet, withTheirName])).toEqual(['author_mismatch', 'bad_proof'])
  })
})

describe('a removal', () => {
  // Would let who was made admin today void years of others' acts with a ban that links to the distant past.
  it('made where its sender had no right to it is refused for good', () => {
    const guild = guildWithStaff()
    const before = guild.law().heads()
    guild.act(alice, 'member.roles', { target: eve.ref, roles: ['member', 'admin'] })
    guild.share()
    const honest = guild.act(carol, 'channel.create', { name: 'honest' })
    guild.share()

    const ban = guild.act(eve, 'member.ban', { target: carol.ref }, { authEvents: before })

    expect(verdictsOn(guild, [ban, honest])).toEqual(['missing_permission', 'allowed'])
  })

  // Would let whoever is thrown out silence somebody else's removal by what rests on it.
  it('that stands does so whatever a lower one does to what it rests on', () => {
    const guild = guildWithStaff()
    const invite = guild.invite(eve)
    guild.tell(eve.node, puppet.node)
    guild.join(puppet, invite)
    guild.tell(puppet.node, alice.node)
    guild.act(alice, 'member.roles', { target: puppet.ref, roles: ['member', 'admin'] })
    guild.tell(alice.node, puppet.node)
    const kick = guild.act(puppet, 'member.kick', { target: dan.ref })
    delay(guild, carol)
    const ban = guild.act(carol, 'member.ban', { target: eve.ref })

    expect(verdictsOn(guild, [kick, ban, invite.event])).toEqual(['allowed', 'allowed', 'voided'])
    expect(guild.state().members.has(puppet.key)).toBe(false)
    expect(guild.state().members.has(dan.key)).toBe(false)
  })

  it('that stands is not void by one that ranks below it where it was made', () => {
    const guild = guildWithStaff()
    guild.act(alice, 'role.put', { role_id: 'chief', name: 'Chief', position: 650, permissions: 8191 })
    guild.act(alice, 'role.put', { role_id: 'boss', name: 'Boss', position: 680, permissions: 8191 })
    guild.share()
    guild.act(alice, 'member.roles', { target: carol.ref, roles: ['moderator', 'chief'] })
    guild.tell(alice.node, carol.node)
    const byCarol = guild.act(carol, 'member.ban', { target: dan.ref })
    const byBob = guild.act(bob, 'member.ban', { target: carol.ref })
    guild.act(alice, 'member.roles', { target: bob.ref, roles: ['admin', 'boss'] })

    expect(verdictsOn(guild, [byCarol, byBob])).toEqual(['allowed', 'allowed'])
    expect([carol, dan].map(({ key }) => guild.state().members.has(key))).toEqual([false, false])
  })

  // Would let an act that turns out void cost somebody a rightful removal.
  it('refused for the sake of what turns out void counts after all', () => {
    const guild = guildOf(alice)
      .withMember(dan)
      .withMember(eve)
      .withMember(carol, { roles: ['moderator'] })
    const put = (role_id: string, position: number, permissions: number) =>
      guild.act(alice, 'role.put', { role_id, name: role_id, position, permissions })
    put('senior', 590, 0)
    put('steward', 450, 64)
    put('bouncer', 400, 512)
    guild.share()
    guild.withMember(mallory, { roles: ['steward'] }).withMember(bob, { roles: ['senior', 'bouncer'] })

    const spoiler = guild.act(mallory, 'role.put', {
      role_id: 'bouncer',
      name: 'bouncer',
      position: 400,
      permissions: 0,
    })
    delay(guild, bob)
    const kick = guild.act(bob, 'member.kick', { target: eve.ref })
    const byEve = guild.act(eve, 'member.invite', { target: person('friend').ref })
    expect(verdictsOn(guild, [kick, byEve])).toEqual(['missing_permission', 'allowed'])
    delay(guild, carol)
    const ban = guild.act(carol, 'member.ban', { target: mallory.ref })

    expect(verdictsOn(guild, [ban, spoiler, kick, byEve])).toEqual(['allowed', 'voided', 'allowed', 'voided'])
  })

  it('of the last member of a node leaves its statements of keys in force', () => {
    const guild = guildWithStaff()
    const keys = guild.act(mallory, 'node.keys', { statement: mallory.node.statement(1) })
    delay(guild, alice)
    guild.act(alice, 'member.ban', { target: mallory.ref })

    expect(verdictOn(guild, keys)).toBe('allowed')
  })

  it('does not touch the owner', () => {
    const guild = guildWithStaff()
    const acts = [
      guild.act(mallory, 'member.ban', { target: alice.ref }, { at: 0 }),
      guild.act(mallory, 'member.kick', { target: alice.ref }, { at: 0 }),
      guild.act(mallory, 'member.roles', { target: alice.ref, roles: [] }, { at: 0 }),
    ]
    const unseen = guild.act(alice, 'channel.create', { name: 'unseen' })

    expect(new Set(verdictsOn(guild, acts))).toEqual(new Set(['owner_untouchable']))
    expect(verdictOn(guild, unseen)).toBe('allowed')
  })
})

import { describe, expect, it } from 'vitest'
import { eventIdSchema } from '../../../../node/base/ids.ts'
import { ALL_PERMISSIONS } from '../../../../node/events/permissions.ts'
import { createLaw } from '../../../../node/events/state/law.ts'
import { guildOf } from '../../../kit/guild-graph.ts'
import { person } from '../../../kit/test-node.ts'

const alice = person('alice')
const bob = person('bob')
const carol = person('carol')
const unknown = eventIdSchema.parse(`$${'1'.repeat(43)}`)

describe('adding', () => {
  it('an event twice changes nothing', () => {
    const guild = guildOf(alice).withMember(bob)
    const law = guild.law()
    const { hash } = law.current()

    for (const event of guild.lawEvents) law.add(event)

    expect(law.size).toBe(guild.lawEvents.length)
    expect(law.current().hash).toBe(hash)
  })

  it('an event before what it links to is a mistake of the caller', () => {
    const guild = guildOf(alice)
    const update = guild.act(alice, 'guild.update', { name: 'Early' })
    const law = createLaw(guild.guildId)

    expect(() => law.add(update)).toThrow(guild.lawEvents[0]?.event_id)
    expect(law.has(update.event_id)).toBe(false)
  })

  it('an event of another guild is a mistake of the caller', () => {
    const [guild, other] = [guildOf(alice), guildOf(alice, 'Other')]

    for (const event of other.lawEvents) expect(() => guild.law().add(event)).toThrow(other.guildId)
  })
})

describe('the frontier', () => {
  it('is what no other law event links to', () => {
    const guild = guildOf(alice).withMember(bob)
    const [one, two] = [
      guild.act(alice, 'guild.update', { name: 'One' }),
      guild.act(bob, 'guild.update', { name: 'Two' }),
    ]
    expect(guild.law().heads()).toEqual([one.event_id, two.event_id].sort())

    guild.share()
    const both = guild.act(alice, 'guild.update', { name: 'Three' })

    expect(both.auth_events).toEqual([one.event_id, two.event_id].sort())
    expect(guild.law().heads()).toEqual([both.event_id])
  })

  it('of nothing has no state, and nothing is known of any event', () => {
    const guild = guildOf(alice)

    for (const resolved of [createLaw(guild.guildId).current(), guild.law().at([])]) {
      expect(resolved.state).toBeUndefined()
      expect(resolved.hash).toBe('')
      expect(resolved.verdictOf(unknown)).toBeUndefined()
    }
  })

  it('gives the state as it was there, without what was unseen', () => {
    const guild = guildOf(alice).withMember(bob, { roles: ['admin'] })
    const unseen = guild.act(alice, 'guild.update', { name: 'Unseen' })
    const update = guild.act(bob, 'guild.update', { name: 'Seen' })
    const law = guild.law()

    const there = law.at([update.event_id])

    expect(there.state?.name).toBe('Seen')
    expect(there.verdictOf(update.event_id)).toEqual({ kind: 'allowed' })
    expect(there.verdictOf(unseen.event_id)).toBeUndefined()
    expect(law.current().state?.name).toBe('Seen')
  })

  it('gives the same however it is spelt', () => {
    const guild = guildOf(alice).withMember(bob)
    const law = guild.law()
    const [first] = guild.lawEvents
    const [head] = law.heads()
    if (!first || !head) throw new Error('the guild has events')

    expect(law.at([head, first.event_id, head]).hash).toBe(law.current().hash)
  })

  it('must be known', () => {
    const law = guildOf(alice).law()

    expect(() => law.at([unknown])).toThrow(unknown)
    expect(() => law.covers([unknown], [])).toThrow(unknown)
    expect(law.covers(law.heads(), [unknown])).toBe(false)
    expect(law.covers(law.heads(), [])).toBe(true)
  })
})

describe('of concurrent acts', () => {
  it('the one by the higher rank comes first, whatever the clocks say', () => {
    const guild = guildOf(alice).withMember(bob, { roles: ['admin'] })

    guild.act(bob, 'guild.update', { name: 'By the admin' }, { at: 0 })
    guild.act(alice, 'guild.update', { name: 'By the owner' }, { at: Date.UTC(2100, 0) })

    expect(guild.state().name).toBe('By the admin')
  })

  it('the earlier comes first among equals, and then the smaller id', () => {
    const guild = guildOf(alice)
      .withMember(bob, { roles: ['admin'] })
      .withMember(carol, { roles: ['admin'] })
    const at = Date.UTC(2100, 0)
    guild.act(bob, 'guild.update', { name: 'Later' }, { at: at + 1 })
    guild.act(carol, 'guild.update', { name: 'Earlier' }, { at })
    expect(guild.state().name).toBe('Later')

    guild.share()
    const tied = [bob, carol].map((who) => guild.act(who, 'guild.update', { name: who.username }, { at: at + 9 }))

    const [, last] = tied.sort((left, right) => (left.event_id < right.event_id ? -1 : 1))
    expect(guild.state().name).toBe(last?.content.name)
  })

  it('one that lost its ground is refused, stays on record and has no effect', () => {
    const guild = guildOf(alice).withMember(bob, { roles: ['admin'] })
    const before = guild.state().name

    guild.act(alice, 'role.put', { role_id: 'admin', name: 'Admin', position: 600, permissions: 0 })
    const update = guild.act(bob, 'guild.update', { name: 'Mine' })

    expect(guild.law().at([update.event_id]).state?.name).toBe('Mine')
    expect(guild.law().current().verdictOf(update.event_id)).toMatchObject({ code: 'missing_permission' })
    expect(guild.state().name).toBe(before)
  })

  it('a rank counts as of where the act was made', () => {
    const guild = guildOf(alice)
      .withMember(bob, { roles: ['admin'] })
      .withMember(carol, { roles: ['moderator'] })

    // Bob has not heard that admins rank below moderators now; his act still takes its place before Carol's.
    guild.act(alice, 'role.put', { role_id: 'admin', name: 'Admin', position: 450, permissions: ALL_PERMISSIONS })
    const late = guild.act(bob, 'member.kick', { target: carol.ref }, { at: Date.UTC(2100, 0) })
    const early = guild.act(carol, 'channel.create', { name: 'mine' }, { at: 0 })

    const now = guild.law().current()
    expect(now.verdictOf(late.event_id)).toMatchObject({ code: 'outranked' })
    expect(now.verdictOf(early.event_id)).toEqual({ kind: 'allowed' })
  })
})

describe('cost', () => {
  const EVENTS = 5_000
  /** Tells the shape of the cost, not a figure: it takes a fraction of a second, and minutes where it is quadratic. */
  const NOT_QUADRATIC_MS = 10_000

  it('5 000 events in a row, each asked for its state, take no quadratic time', () => {
    const guild = guildOf(alice)
    for (let index = 1; index < EVENTS; index += 1) guild.act(alice, 'channel.create', { name: `channel ${index}` })
    const law = createLaw(guild.guildId)
    const started = performance.now()

    for (const event of guild.lawEvents) {
      law.add(event)
      law.current()
      law.at(event.auth_events)
    }

    expect(performance.now() - started).toBeLessThan(NOT_QUADRATIC_MS)
    expect(law.current().state?.channels.size).toBe(EVENTS - 1)
  })

  it('nor do 5 000 events in which two nodes write at once every now and then', () => {
    const guild = guildOf(alice).withMember(bob, { roles: ['admin'] })
    for (let index = 0; index < EVENTS / 10; index += 1) {
      for (let own = 0; own < 8; own += 1) guild.act(alice, 'guild.update', { name: `Name ${index}` })
      guild.act(bob, 'guild.update', { name: `Other ${index}` })
      guild.tell(alice.node, bob.node)
      guild.tell(bob.node, alice.node)
    }
    const law = createLaw(guild.guildId)
    const started = performance.now()

    for (const event of guild.lawEvents) {
      law.add(event)
      law.current()
    }

    expect(performance.now() - started).toBeLessThan(NOT_QUADRATIC_MS)
  })

  it('nor does the healing of a long partition, when the state is asked for once', () => {
    const guild = guildOf(alice).withMember(bob, { roles: ['admin'] })
    for (let index = 0; index < EVENTS / 2; index += 1) {
      guild.act(alice, 'guild.update', { name: `Name ${index}` })
      guild.act(bob, 'guild.update', { name: `Other ${index}` })
    }
    const [genesis, invitation, join, ...partition] = guild.lawEvents
    if (!genesis || !invitation || !join) throw new Error('the guild has a beginning')
    const law = createLaw(guild.guildId)
    const started = performance.now()

    // The owner's acts arrive last and come first in the order.
    const arrivals = [bob, alice].flatMap((who) => partition.filter((event) => event.sender === who.userId))
    for (const event of [genesis, invitation, join, ...arrivals]) law.add(event)

    expect(law.current().state?.name).toBe(`Other ${EVENTS / 2 - 1}`)
    expect(performance.now() - started).toBeLessThan(NOT_QUADRATIC_MS)
  })

  it('nor do 1 000 bans of somebody who meanwhile banned 1 000 times, when the state is asked for once', () => {
    const guild = guildOf(alice)
      .withMember(bob, { roles: ['admin'] })
      .withMember(carol, { roles: ['moderator'] })
    const stranger = person('stranger')
    for (let index = 0; index < EVENTS / 5; index += 1) {
      guild.act(bob, 'member.ban', { target: carol.ref })
      guild.act(carol, 'member.ban', { target: stranger.ref })
    }
    const law = createLaw(guild.guildId)
    const started = performance.now()

    for (const event of guild.lawEvents) law.add(event)

    expect([...(law.current().state?.bans.keys() ?? [])]).toEqual([carol.key])
    expect(performance.now() - started).toBeLessThan(NOT_QUADRATIC_MS)
  })
})

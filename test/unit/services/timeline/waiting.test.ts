import { describe, expect, it } from 'vitest'
import type { Database } from '../../../../node/storage/database.ts'
import { forge } from '../../../kit/forged-event.ts'
import { guildOf } from '../../../kit/guild-graph.ts'
import { person, TEST_EPOCH_MS } from '../../../kit/test-node.ts'
import { openTimelineNode, shownIn, textsOf } from '../../../kit/timeline-node.ts'

const alice = person('alice')
const bob = person('bob')
const DAY_MS = 24 * 60 * 60_000

function chattyGuild(messages = 3) {
  const guild = guildOf(alice).withMember(bob).withChannel('general')
  const channel = guild.channel('general')
  const said = Array.from({ length: messages }, (_, index) => guild.say(alice, channel, `message ${index}`))
  const law = guild.events.slice(0, guild.events.length - messages)
  return { guild, channel, law, said }
}

const idsOf = (events: readonly { event_id: string }[]) => events.map((event) => event.event_id)

describe('an event whose parents are missing', () => {
  it('waits, names what it lacks, and is placed when that comes', async () => {
    const { guild, channel, law, said } = chattyGuild()
    const node = await openTimelineNode('carol')
    await node.take(guild, law)

    const early = await node.take(guild, said.slice(1))
    const waiting = node.timeline.findGuild(guild.guildId)?.waiting
    const late = await node.take(guild, said.slice(0, 1))

    expect(early).toEqual([
      { kind: 'waiting', eventId: said[1]?.event_id, missing: [said[0]?.event_id] },
      { kind: 'waiting', eventId: said[2]?.event_id, missing: [said[1]?.event_id] },
    ])
    expect(waiting).toBe(2)
    expect(late).toEqual([{ kind: 'accepted', eventId: said[0]?.event_id }])
    expect(shownIn(node.timeline, channel)).toEqual(idsOf(said).sort())
    expect(node.timeline.findGuild(guild.guildId)?.waiting).toBe(0)
  })

  it('still waits after a restart', async () => {
    const { guild, channel, law, said } = chattyGuild()
    const node = await openTimelineNode('carol')
    await node.take(guild, [...law, ...said.slice(1)])

    node.restart()
    await node.take(guild, said.slice(0, 1))

    expect(shownIn(node.timeline, channel)).toEqual(idsOf(said).sort())
  })

  it('is placed after a crash between the arrival of its parent and its turn', async () => {
    const { guild, channel, law, said } = chattyGuild()
    let writesLeft = Infinity
    const dying = (db: Database): Database => ({
      ...db,
      write: (work) => (writesLeft-- > 0 ? db.write(work) : Promise.reject(new Error('the power is gone'))),
    })
    const node = await openTimelineNode('carol', { wrap: dying })
    await node.take(guild, [...law, ...said.slice(1)])

    writesLeft = 1
    await expect(node.take(guild, said.slice(0, 1))).rejects.toThrow('the power is gone')
    writesLeft = Infinity
    node.restart()
    const before = shownIn(node.timeline, channel)
    await node.timeline.recover()

    expect(before).toEqual(idsOf(said.slice(0, 1)))
    expect(shownIn(node.timeline, channel)).toEqual(idsOf(said).sort())
    expect(node.timeline.findGuild(guild.guildId)?.waiting).toBe(0)
  })

  it('is forgotten after a day, and its place is free again', async () => {
    const { guild, law, said } = chattyGuild()
    const node = await openTimelineNode('carol', { limits: { waitingPerGuild: 1, waitingPerPeer: 1 } })
    await node.take(guild, [...law, ...said.slice(2)])

    node.clock.advance(DAY_MS + 1)
    await node.timeline.tidy()
    const forgotten = node.timeline.findGuild(guild.guildId)?.waiting
    await node.take(guild, said.slice(1, 2))

    expect(forgotten).toBe(0)
    expect(node.timeline.findGuild(guild.guildId)?.waiting).toBe(1)
  })

  it('is dropped when what it waited for turns out to make it wrong', async () => {
    const { guild, channel, law, said } = chattyGuild(1)
    const parent = said[0]?.event_id ?? expect.fail()
    const backwards = forge(guild, alice, {
      roomId: channel,
      position: law.length + 5,
      prev: [parent],
      auth: said[0]?.auth_events ?? [],
      at: TEST_EPOCH_MS + 500_000_000,
    })
    const node = await openTimelineNode('carol')
    await node.take(guild, [...law, backwards])

    await node.take(guild, said)

    expect(node.timeline.findGuild(guild.guildId)?.waiting).toBe(0)
    expect(shownIn(node.timeline, channel)).toEqual(idsOf(said))
    expect(node.log.lines).toMatchObject([{ level: 'warn', fields: { reason: 'own_chain_broken' } }])
  })

  it('does not get into another guild that its parent belongs to', async () => {
    const { guild, channel, law, said } = chattyGuild(1)
    const other = guildOf(bob, 'Another guild').withMember(alice)
    const stray = forge(other, alice, {
      roomId: other.guildId,
      type: 'guild.update',
      content: { name: 'taken over' },
      position: (said[0]?.content.log.position ?? expect.fail()) + 1,
      prev: [said[0]?.event_id ?? expect.fail()],
      auth: said[0]?.auth_events ?? [],
      at: TEST_EPOCH_MS + 500_000_000,
    })
    const node = await openTimelineNode('carol')
    await node.take(other, [...textsOf(other), stray])
    await node.take(guild, law)

    await node.take(guild, said)

    expect(shownIn(node.timeline, channel)).toEqual(idsOf(said))
    expect(node.timeline.stateOf(other.guildId)?.name).toBe('Another guild')
    expect(node.timeline.findGuild(other.guildId)).toMatchObject({ events: other.events.length, waiting: 0 })
  })
})

describe('an event from a clock ahead of ours', () => {
  it('waits until its time has come, with all that follows it', async () => {
    const { guild, channel, law } = chattyGuild(0)
    const node = await openTimelineNode('carol')
    const soon = guild.say(alice, channel, 'from the future', { at: node.clock.now() + 10 * 60_000 })
    const next = guild.say(alice, channel, 'and on')
    await node.take(guild, law)

    const outcomes = await node.take(guild, [soon, next])
    await node.timeline.tidy()
    const tooEarly = shownIn(node.timeline, channel)
    node.clock.advance(5 * 60_000 + 1_000)
    await node.timeline.tidy()

    expect(outcomes).toEqual([
      { kind: 'waiting', eventId: soon.event_id, missing: [`time:${soon.origin_ts}`] },
      { kind: 'waiting', eventId: next.event_id, missing: [soon.event_id, `time:${next.origin_ts}`] },
    ])
    expect(tooEarly).toEqual([])
    expect(shownIn(node.timeline, channel)).toEqual(idsOf([soon, next]).sort())
  })

  it('is warned of once for a guild, with the difference, which is known until its time has come', async () => {
    const { guild, channel, law } = chattyGuild(0)
    const node = await openTimelineNode('carol')
    const soon = guild.say(alice, channel, 'from the future', { at: node.clock.now() + 10 * 60_000 })
    await node.take(guild, law)

    await node.take(guild, [soon, guild.say(alice, channel, 'and on')])
    const ahead = node.timeline.aheadOfClock(guild.guildId)
    node.clock.advance(5 * 60_000 + 1_000)
    await node.timeline.tidy()

    expect(ahead).toBe(10 * 60_000)
    expect(node.timeline.aheadOfClock(guild.guildId)).toBe(0)
    expect(node.log.lines).toMatchObject([
      { level: 'warn', fields: { guild_id: guild.guildId, origin: alice.node.serverName, ahead_secs: 600 } },
    ])
  })

  it('is kept when the node dies while its time comes', async () => {
    const { guild, channel, law } = chattyGuild(0)
    let writesLeft = Infinity
    const dying = (db: Database): Database => ({
      ...db,
      write: (work) => (writesLeft-- > 0 ? db.write(work) : Promise.reject(new Error('the power is gone'))),
    })
    const node = await openTimelineNode('carol', { wrap: dying })
    const soon = guild.say(alice, channel, 'from the future', { at: node.clock.now() + 10 * 60_000 })
    await node.take(guild, [...law, soon])

    node.clock.advance(5 * 60_000 + 1_000)
    writesLeft = 0
    await node.timeline.tidy().catch(() => {})
    writesLeft = Infinity
    node.restart()
    await node.timeline.tidy()

    expect(shownIn(node.timeline, channel)).toEqual([soon.event_id])
    expect(node.timeline.findGuild(guild.guildId)?.waiting).toBe(0)
  })
})

describe('the bounds of waiting', () => {
  it('hold no more events of a guild or of a peer than allowed, and sync still completes', async () => {
    const { guild, channel, law, said } = chattyGuild(20)
    const node = await openTimelineNode('carol', { limits: { waitingPerGuild: 8, waitingPerPeer: 5 } })
    await node.take(guild, law)

    await node.take(guild, said.slice(1), 'mallory')
    const ofOnePeer = node.timeline.findGuild(guild.guildId)?.waiting
    await node.take(guild, said.slice(1), 'nora')
    const ofTheGuild = node.timeline.findGuild(guild.guildId)?.waiting
    await node.take(guild, said, 'nora')

    expect([ofOnePeer, ofTheGuild]).toEqual([5, 8])
    expect(shownIn(node.timeline, channel)).toEqual(idsOf(said).sort())
    expect(node.timeline.findGuild(guild.guildId)?.waiting).toBe(0)
  })

  it('let events of other guilds wait', async () => {
    const first = chattyGuild(2)
    const other = guildOf(bob, 'Another guild').withChannel('general')
    const [skipped, waiting] = [0, 1].map((index) => other.say(bob, other.channel('general'), `${index}`))
    const node = await openTimelineNode('carol', { limits: { waitingPerGuild: 1, waitingPerPeer: 10 } })
    await node.take(first.guild, [...first.law, ...first.said.slice(1)])

    await node.take(other, [...other.events.slice(0, 2), waiting ?? expect.fail()])

    expect(node.timeline.findGuild(other.guildId)?.waiting).toBe(1)
    expect(skipped).toBeDefined()
  })
})

import { describe, expect, it } from 'vitest'
import type { EventId } from '../../../../node/base/ids.ts'
import { forge } from '../../../kit/forged-event.ts'
import { guildOf } from '../../../kit/guild-graph.ts'
import type { TestEvent } from '../../../kit/node-view.ts'
import { type Person, person } from '../../../kit/test-node.ts'
import { exchange, openTimelineNode, pictureOf, shownIn } from '../../../kit/timeline-node.ts'

const alice = person('alice')
const bob = person('bob')

const MESSAGES = 5

/** Alice's guild, in which bob's node is a member, as both nodes know it, and what each wrote unseen by the other. */
function partedGuild() {
  const guild = guildOf(alice).withMember(bob).withChannel('general')
  const channel = guild.channel('general')
  const shared = [...guild.events]
  const byAlice = Array.from({ length: MESSAGES }, (_, index) => guild.say(alice, channel, `alice ${index}`))
  const byBob = Array.from({ length: MESSAGES }, (_, index) => guild.say(bob, channel, `bob ${index}`))
  return { guild, channel, shared, byAlice, byBob }
}

describe('exchanging what the other lacks', () => {
  it('makes two nodes equal that were parted', async () => {
    const { guild, channel, shared, byAlice, byBob } = partedGuild()
    const [left, right] = [await openTimelineNode('left'), await openTimelineNode('right')]
    await left.take(guild, [...shared, ...byAlice])
    await right.take(guild, [...shared, ...byBob])

    const rounds = await exchange(left, right, guild.guildId)

    expect(rounds).toBe(1)
    expect(pictureOf(left, guild.guildId)).toEqual(pictureOf(right, guild.guildId))
    expect(shownIn(left.timeline, channel)).toHaveLength(2 * MESSAGES)
  })

  it('offers nothing that the other holds', async () => {
    const { guild, shared, byAlice } = partedGuild()
    const [left, right] = [await openTimelineNode('left'), await openTimelineNode('right')]
    await left.take(guild, [...shared, ...byAlice])
    await right.take(guild, [...shared, ...byAlice.slice(0, 2)])

    const offered = [...left.timeline.missingFor(guild.guildId, right.timeline.tips(guild.guildId))].flat()

    expect(offered.map((event) => event.eventId)).toEqual(byAlice.slice(2).map((event) => event.event_id))
  })

  it('brings a node that has nothing everything, parents first', async () => {
    const { guild, shared, byAlice, byBob } = partedGuild()
    const [full, empty] = [await openTimelineNode('full'), await openTimelineNode('empty')]
    await full.take(guild, [...shared, ...byAlice, ...byBob])

    const texts = [...full.timeline.missingFor(guild.guildId, [])].flat().map((event) => event.body)
    const outcomes = await empty.take(guild, texts)

    expect(outcomes.every((outcome) => outcome.kind === 'accepted')).toBe(true)
    expect(pictureOf(empty, guild.guildId)).toEqual(pictureOf(full, guild.guildId))
  })

  it('brings both forks of an equivocated log to nodes that each saw one', async () => {
    const { guild, channel, shared } = partedGuild()
    const last = shared.findLast((event) => event.origin_server === alice.node.serverName) ?? expect.fail()
    const fork = (at: number) =>
      forge(guild, alice, {
        roomId: channel,
        position: last.content.log.position + 1,
        prev: [last.event_id],
        auth: [last.event_id],
        at: last.origin_ts + at,
      })
    const [left, right] = [await openTimelineNode('left'), await openTimelineNode('right')]
    const third = await openTimelineNode('third')
    await left.take(guild, [...shared, fork(1)])
    await right.take(guild, [...shared, fork(2)])

    await exchange(left, right, guild.guildId)
    await exchange(third, right, guild.guildId)

    const picture = pictureOf(left, guild.guildId)
    expect(picture.equivocated).toEqual([alice.node.serverName])
    expect(pictureOf(right, guild.guildId)).toEqual(picture)
    expect(pictureOf(third, guild.guildId)).toEqual(picture)
  })

  it('brings forks of different length together', async () => {
    const { guild, channel, shared, byAlice } = partedGuild()
    const last = shared.findLast((event) => event.origin_server === alice.node.serverName) ?? expect.fail()
    const fork = forge(guild, alice, {
      roomId: channel,
      position: last.content.log.position + 1,
      prev: [last.event_id],
      auth: [last.event_id],
      at: last.origin_ts + 1,
    })
    const [long, short] = [await openTimelineNode('long'), await openTimelineNode('short')]
    await long.take(guild, [...shared, ...byAlice])
    await short.take(guild, [...shared, fork])

    await exchange(long, short, guild.guildId)

    expect(pictureOf(short, guild.guildId)).toEqual(pictureOf(long, guild.guildId))
    expect(shownIn(short.timeline, channel)).toHaveLength(MESSAGES + 1)
  })

  it('sends an equivocated log in the order it came, so that no event comes before what it refers to', async () => {
    const { guild, channel, shared } = partedGuild()
    const last = shared.findLast((event) => event.origin_server === alice.node.serverName) ?? expect.fail()
    const first = { position: last.content.log.position + 1, prev: [last.event_id], at: last.origin_ts + 1 }
    const own = { roomId: channel, auth: [last.event_id] }
    const seen = forge(guild, alice, { ...own, ...first })
    const next = forge(guild, alice, { ...own, position: first.position + 1, prev: [idOf(seen)], at: first.at + 1 })
    const answer = forge(guild, bob, {
      ...own,
      position: 2,
      prev: [...ownTip(shared, bob), idOf(next)],
      at: first.at + 2,
    })
    const fork = forge(guild, alice, { ...own, ...first, prev: [last.event_id, idOf(answer)], at: first.at + 3 })
    const [full, empty] = [await openTimelineNode('full'), await openTimelineNode('empty')]
    await full.take(guild, [...shared, seen, next, answer, fork])

    const texts = [...full.timeline.missingFor(guild.guildId, [])].flat().map((event) => event.body)
    const outcomes = await empty.take(guild, texts)

    expect(full.timeline.findGuild(guild.guildId)?.equivocated).toEqual([alice.node.serverName])
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(texts.map(() => 'accepted'))
  })
})

const idOf = (text: string) => (JSON.parse(text) as { event_id: EventId }).event_id

const ownTip = (events: readonly TestEvent[], { node }: Person): EventId[] =>
  events
    .filter((event) => event.origin_server === node.serverName)
    .slice(-1)
    .map((event) => event.event_id)

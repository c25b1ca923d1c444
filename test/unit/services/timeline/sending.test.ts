import { describe, expect, it } from 'vitest'
import type { ChannelId, GuildId, UserId } from '../../../../node/base/ids.ts'
import type { Draft } from '../../../../node/services/timeline/types.ts'
import type { WriteTx } from '../../../../node/storage/database.ts'
import { createdIdOf } from '../../../../node/events/wire-form.ts'
import { guildOf } from '../../../kit/guild-graph.ts'
import { person } from '../../../kit/test-node.ts'
import { openTimelineNode, pictureOf, shownIn, type TimelineNode } from '../../../kit/timeline-node.ts'

const alice = person('alice')
const bob = person('bob')

const author = ({ userId, username }: typeof alice) => ({ id: userId, username })

const message = (guildId: GuildId, channelId: ChannelId, who: typeof alice, text: string): Draft => ({
  guildId,
  eventType: 'message',
  roomId: channelId,
  sender: who.userId,
  content: { author: author(who), content: text },
})

async function createGuild(node: TimelineNode, name = 'Guild') {
  const { guildId } = await node.timeline.createGuild({ sender: alice.userId, username: 'alice', name })
  const { body } = await node.timeline.send({
    guildId,
    eventType: 'channel.create',
    roomId: guildId,
    sender: alice.userId,
    content: { name: 'general' },
  })
  return { guildId, channelId: createdIdOf(JSON.parse(body)) as ChannelId }
}

/** Alice's node with a guild and a channel, and what a message of hers is. */
async function guildOnNode() {
  const node = await openTimelineNode('alice')
  const { guildId, channelId } = await createGuild(node)
  return { node, guildId, channelId, say: (text: string) => message(guildId, channelId, alice, text) }
}

/** Makes the commit of its group fail after all the group's work was done. */
const failCommit = (tx: WriteTx) => {
  tx.run('PRAGMA defer_foreign_keys = ON')
  tx.run(`INSERT INTO server_roles VALUES ('nobody', 'owner', 0)`)
}

describe('what a node sends', () => {
  it('ends in the same log as on the node that receives it', async () => {
    const { node, guildId, channelId, say } = await guildOnNode()
    for (let index = 0; index < 10; index += 1) await node.timeline.send(say(`message ${index}`))
    const other = await openTimelineNode('other')

    const texts = [...node.timeline.missingFor(guildId, [])].flat().map((event) => event.body)
    const outcomes = await other.take({ guildId }, texts)

    expect(outcomes.every((outcome) => outcome.kind === 'accepted')).toBe(true)
    expect(pictureOf(other, guildId)).toEqual(pictureOf(node, guildId))
    expect(shownIn(other.timeline, channelId)).toHaveLength(10)
  })

  it('builds on what it has received', async () => {
    const { node, guildId, channelId, say } = await guildOnNode()
    await node.timeline.send({
      guildId,
      eventType: 'member.invite',
      roomId: guildId,
      sender: alice.userId,
      content: { target: bob.ref },
    })
    const other = await openTimelineNode('bob')
    await other.take(
      { guildId },
      [...node.timeline.missingFor(guildId, [])].flat().map((event) => event.body),
    )

    const join = await other.timeline.send({
      guildId,
      eventType: 'member.join',
      roomId: guildId,
      sender: bob.userId,
      content: { author: author(bob) },
    })
    const hello = await other.timeline.send(message(guildId, channelId, bob, 'hello'))
    await node.take({ guildId }, [join.body, hello.body])
    const answer = await node.timeline.send(say('welcome'))
    await other.take({ guildId }, [answer.body])

    expect(JSON.parse(answer.body)).toMatchObject({ prev_events: [expect.anything(), hello.eventId] })
    expect(pictureOf(other, guildId)).toEqual(pictureOf(node, guildId))
  })

  it('sent at the same time forms one chain', async () => {
    const { node, guildId, say } = await guildOnNode()

    const sent = await Promise.all(Array.from({ length: 50 }, (_, index) => node.timeline.send(say(`${index}`))))

    expect(sent.map((event) => event.position)).toEqual(sent.map((_, index) => index + 3))
    expect(sent.map((event) => event.sequence)).toEqual(sent.map((_, index) => index + 1))
    expect(node.timeline.findGuild(guildId)).toMatchObject({ equivocated: [], events: 52 })
  })

  it('goes on after a restart where it stopped', async () => {
    const { node, guildId, say } = await guildOnNode()
    const before = await node.timeline.send(say('before'))

    node.restart()
    const after = await node.timeline.send(say('after'))

    expect(after).toMatchObject({ position: before.position + 1, sequence: 2 })
    expect(JSON.parse(after.body)).toMatchObject({ prev_events: [before.eventId] })
    expect(node.timeline.findGuild(guildId)?.equivocated).toEqual([])
  })

  it('is later than all it builds on, also with a clock that was set back', async () => {
    const { node, say } = await guildOnNode()
    const before = await node.timeline.send(say('before'))

    node.clock.advance(-3_600_000)
    const after = await node.timeline.send(say('after'))

    expect(after.originTs).toBe(before.originTs + 1)
  })

  it.each([
    ['not linked to a head five minutes ahead of its clock', 5 * 60_000, false],
    ['linked to a head one minute ahead of its clock', 60_000, true],
  ])('is %s', async (_, aheadMs, isLinked) => {
    const guild = guildOf(alice).withMember(bob).withChannel('general')
    const { guildId } = guild
    const node = await openTimelineNode('alice')
    const head = guild.say(bob, guild.channel('general'), 'from my fast clock', { at: node.clock.now() + aheadMs })
    await node.take(guild, guild.events)

    const { body, originTs } = await node.timeline.send(message(guildId, guild.channel('general'), alice, 'hello'))

    const { prev_events } = JSON.parse(body) as { prev_events: string[] }
    expect(prev_events.includes(head.event_id)).toBe(isLinked)
    expect(originTs).toBe(isLinked ? head.origin_ts + 1 : node.clock.now())
  })

  it('links a head that was ahead when its time has come', async () => {
    const guild = guildOf(alice).withMember(bob).withChannel('general')
    const { guildId } = guild
    const say = (text: string) => message(guildId, guild.channel('general'), alice, text)
    const node = await openTimelineNode('alice')
    const head = guild.say(bob, guild.channel('general'), 'from my fast clock', { at: node.clock.now() + 5 * 60_000 })
    await node.take(guild, guild.events)
    await node.timeline.send(say('early'))

    node.clock.advance(5 * 60_000)
    const { body } = await node.timeline.send(say('late'))

    expect(JSON.parse(body)).toMatchObject({ prev_events: [expect.anything(), head.event_id] })
  })

  it('for a guild this node does not hold is refused', async () => {
    const node = await openTimelineNode('alice')
    const { guildId, channelId } = await createGuild(await openTimelineNode('bob'))

    await expect(node.timeline.send(message(guildId, channelId, alice, 'hello'))).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})

describe('a write that is undone', () => {
  it('leaves memory as it was, and the next event takes the free place', async () => {
    const { node, guildId, channelId, say } = await guildOnNode()
    const before = pictureOf(node, guildId)

    const lost = node.timeline.send(say('lost'))
    const failing = node.db.write(failCommit)
    await expect(Promise.all([lost, failing])).rejects.toThrow()
    await expect(lost).rejects.toThrow()
    const after = pictureOf(node, guildId)
    const kept = await node.timeline.send(say('kept'))

    expect(after).toEqual(before)
    expect(kept).toMatchObject({ position: 3, sequence: 1 })
    expect(shownIn(node.timeline, channelId)).toEqual([kept.eventId])
  })

  it('takes law with it', async () => {
    const { node, guildId } = await guildOnNode()
    const rename = (name: string): Draft => ({
      guildId,
      eventType: 'guild.update',
      roomId: guildId,
      sender: alice.userId,
      content: { name },
    })

    const lost = node.timeline.send(rename('Lost'))
    await Promise.allSettled([lost, node.db.write(failCommit)])
    const name = node.timeline.stateOf(guildId)?.name
    await node.timeline.send(rename('Kept'))

    await expect(lost).rejects.toThrow()
    expect(name).toBe('Guild')
    expect(node.timeline.stateOf(guildId)?.name).toBe('Kept')
  })

  it('leaves no guild that was never made', async () => {
    const node = await openTimelineNode('alice')

    const lost = node.timeline.createGuild({ sender: alice.userId, username: 'alice', name: 'Lost' })
    await Promise.allSettled([lost, node.db.write(failCommit)])

    await expect(lost).rejects.toThrow()
    expect(node.timeline.guildIds()).toEqual([])
  })

  it('leaves the guild in all lists, and its channels found', async () => {
    const { node, guildId, channelId, say } = await guildOnNode()

    await Promise.allSettled([node.timeline.send(say('lost')), node.db.write(failCommit)])

    expect(node.timeline.guildIds()).toEqual([guildId])
    expect(node.timeline.guildOfChannel(channelId)).toBe(guildId)
  })

  it('by a refusal costs nobody else in the same group anything', async () => {
    const { node, guildId, channelId, say } = await guildOnNode()
    const stranger = message(guildId, channelId, bob, 'may I?')

    const settled = await Promise.allSettled([
      node.timeline.send(say('first')),
      node.timeline.send(stranger),
      node.timeline.send(say('second')),
    ])

    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(settled[1]).toMatchObject({ reason: { code: 'forbidden' } })
    expect(settled[2]).toMatchObject({ value: { position: 4, sequence: 2 } })
  })

  it('is not told to followers', async () => {
    const { node, say } = await guildOnNode()
    const latest = node.feed.latest()

    await Promise.allSettled([node.timeline.send(say('lost')), node.db.write(failCommit)])
    const undone = node.feed.latest()
    await node.timeline.send(say('kept'))

    expect(undone).toBe(latest)
    expect(node.feed.latest()).toBe(latest + 1)
  })
})

describe('a request that comes again with its txn_id', () => {
  const draft = (base: Draft): Draft => ({ ...base, txnId: 'request-1' })

  it('gives the first answer, also in the same moment and after a restart', async () => {
    const { node, channelId, say } = await guildOnNode()

    const [first, second] = await Promise.all([say('once'), say('once')].map((one) => node.timeline.send(draft(one))))
    node.restart()
    const third = await node.timeline.send(draft(say('once')))

    expect(second).toEqual(first)
    expect(third).toEqual(first)
    expect(shownIn(node.timeline, channelId)).toHaveLength(1)
  })

  it('is one request for each user', async () => {
    const { node, guildId, channelId, say } = await guildOnNode()
    const someone = { ...alice, userId: bob.userId as UserId }
    await node.timeline.send(draft(say('once')))

    await expect(node.timeline.send(draft(message(guildId, channelId, someone, 'twice')))).rejects.toMatchObject({
      code: 'forbidden',
    })
  })
})

import { describe, expect, it } from 'vitest'
import type { ChannelId, GuildId } from '../../../../node/base/ids.ts'
import { createJoinProof } from '../../../../node/events/join-proof.ts'
import { signingKeyOf } from '../../../../node/events/signature-field.ts'
import type { Draft } from '../../../../node/services/timeline/types.ts'
import { forge, signedAnew } from '../../../kit/forged-event.ts'
import { guildOf } from '../../../kit/guild-graph.ts'
import type { TestEvent } from '../../../kit/node-view.ts'
import { type Person, person, rotated, testNode } from '../../../kit/test-node.ts'
import {
  exchange,
  openTimelineNode,
  pictureOf,
  shownIn,
  textOf,
  type TimelineNode,
} from '../../../kit/timeline-node.ts'

const alice = person('alice')
const bob = person('bob')
const thief = testNode('thief')

const withNewKey = (who: Person, times = 1): Person => ({ ...who, node: rotated(who.node, times) })
const author = ({ userId, username }: Person) => ({ id: userId, username })

const message = (guildId: GuildId, channelId: ChannelId, who: Person, text: string): Draft => ({
  guildId,
  eventType: 'message',
  roomId: channelId,
  sender: who.userId,
  content: { author: author(who), content: text },
})

/** Type and signing key of the events of a log, oldest first. */
function logOf(node: TimelineNode, guildId: GuildId, who: Person): [type: string, keyId: string][] {
  const events = [...node.timeline.missingFor(guildId, [])].flat().map(({ body }) => JSON.parse(body) as TestEvent)
  return events
    .filter((event) => event.origin_server === who.node.serverName)
    .map((event) => [event.event_type, signingKeyOf(event)])
}

describe('a node with a new signing key', () => {
  /** Alice's guild, in which Bob's node is, and a channel. */
  function sharedGuild() {
    const guild = guildOf(alice).withMember(bob).withChannel('general')
    return { guild, guildId: guild.guildId, channelId: guild.channel('general') }
  }

  it('writes node.keys before anything else, and every node takes the new key from there on', async () => {
    const { guild, guildId, channelId } = sharedGuild()
    const [home, other, late] = [
      await openTimelineNode('alice'),
      await openTimelineNode('bob'),
      await openTimelineNode('carol'),
    ]
    for (const node of [home, other]) await node.take(guild, guild.events)
    await home.timeline.send(message(guildId, channelId, alice, 'with the old key'))

    home.restartWithNewKey()
    await home.timeline.send(message(guildId, channelId, alice, 'with the new key'))
    await home.timeline.send(message(guildId, channelId, alice, 'and on'))
    for (const node of [other, late]) await exchange(home, node, guildId)

    const [oldKey, newKey] = [alice, withNewKey(alice)].map(({ node }) => node.signer.keyId)
    expect(logOf(home, guildId, alice).slice(-4)).toEqual([
      ['message', oldKey],
      ['node.keys', newKey],
      ['message', newKey],
      ['message', newKey],
    ])
    expect(shownIn(home.timeline, channelId)).toHaveLength(3)
    for (const node of [other, late]) expect(pictureOf(node, guildId)).toEqual(pictureOf(home, guildId))
  })

  it('says so once in each guild, also over a restart, and again for the next key', async () => {
    const { guild, guildId, channelId } = sharedGuild()
    const [home, other] = [await openTimelineNode('alice'), await openTimelineNode('bob')]
    for (const node of [home, other]) await node.take(guild, guild.events)

    home.restartWithNewKey()
    await home.timeline.send(message(guildId, channelId, alice, 'one'))
    home.restart()
    await home.timeline.send(message(guildId, channelId, alice, 'two'))
    home.restartWithNewKey()
    await home.timeline.send(message(guildId, channelId, alice, 'three'))
    await exchange(home, other, guildId)

    const types = logOf(home, guildId, alice).map(([type]) => type)
    expect(types.slice(-5)).toEqual(['node.keys', 'message', 'message', 'node.keys', 'message'])
    expect(pictureOf(other, guildId)).toEqual(pictureOf(home, guildId))
  })

  it('leaves no node.keys behind when what it wanted to say is refused', async () => {
    const { guild, guildId, channelId } = sharedGuild()
    const home = await openTimelineNode('alice')
    await home.take(guild, guild.events)
    home.restartWithNewKey()
    const before = pictureOf(home, guildId)
    const guest = person('guest', 'alice')

    const refused = home.timeline.send(message(guildId, channelId, guest, 'may I?'))

    await expect(refused).rejects.toMatchObject({ code: 'forbidden' })
    expect(pictureOf(home, guildId)).toEqual(before)
    await home.timeline.send(message(guildId, channelId, alice, 'I may'))
    expect(
      logOf(home, guildId, alice)
        .slice(-2)
        .map(([type]) => type),
    ).toEqual(['node.keys', 'message'])
  })

  it('can come back to a guild in which it has no member left', async () => {
    const { guild, guildId, channelId } = sharedGuild()
    guild.act(bob, 'member.leave', {})
    guild.share()
    const { inviteId, secret } = guild.invite(alice)
    const [home, other] = [await openTimelineNode('bob'), await openTimelineNode('alice')]
    for (const node of [home, other]) await node.take(guild, guild.events)
    home.restartWithNewKey()

    const proof = createJoinProof(secret, { guildId, userId: bob.userId, serverName: home.origin })
    const content = { author: author(bob), invite_id: inviteId, proof }
    await home.timeline.send({ guildId, eventType: 'member.join', roomId: guildId, sender: bob.userId, content })
    await home.timeline.send(message(guildId, channelId, bob, 'back again'))
    await exchange(home, other, guildId)

    expect(shownIn(other.timeline, channelId)).toHaveLength(1)
    expect(pictureOf(other, guildId)).toEqual(pictureOf(home, guildId))
  })
})

describe('an event under a true predecessor, signed with a key that is not its', () => {
  it.each([
    ['of nobody', thief],
    ['of another member', bob.node],
    ['the node will have later', rotated(alice.node)],
  ])('%s is rejected on all nodes', async (_, { signer }) => {
    const guild = guildOf(alice).withMember(bob).withChannel('general')
    const channel = guild.channel('general')
    const last = guild.say(alice, channel, 'hello')
    guild.share()
    const forged = forge(
      guild,
      { ...alice, node: { ...alice.node, signer } },
      {
        roomId: channel,
        position: last.content.log.position + 1,
        prev: [last.event_id],
        auth: last.auth_events,
        at: last.origin_ts + 1,
      },
    )
    const [node, mirror] = [await openTimelineNode('carol'), await openTimelineNode('mirror')]
    await node.take(guild, guild.events)

    const late = await node.take(guild, [forged])
    await mirror.take(guild, [forged])
    await mirror.take(guild, guild.events)

    expect(late).toEqual([{ kind: 'rejected', reason: 'key_changed' }])
    expect(mirror.log.lines).toMatchObject([{ fields: { reason: 'key_changed' } }])
    expect(mirror.timeline.findGuild(guild.guildId)?.waiting).toBe(0)
    expect(pictureOf(mirror, guild.guildId)).toEqual(pictureOf(node, guild.guildId))
    expect(shownIn(node.timeline, channel)).toEqual([last.event_id])
  })
})

describe('a stolen key that its node has given up', () => {
  /** Alice changed her key and said something; and the same signed with her old key, under the same id. */
  function stolenKey() {
    const guild = guildOf(alice).withMember(bob).withChannel('general')
    const channel = guild.channel('general')
    const owner = withNewKey(alice)
    const before = [...guild.events]
    const keys = guild.act(owner, 'node.keys', { statement: owner.node.ownStatement })
    const genuine = guild.say(owner, channel, 'honest')
    return { guild, channel, before, keys, genuine, copy: signedAnew(genuine, alice.node) }
  }

  type Stolen = ReturnType<typeof stolenKey>

  async function expectGenuine(node: TimelineNode, { guild, channel, genuine }: Stolen) {
    const next = guild.say(withNewKey(alice), channel, 'next')
    await node.take(guild, [next])

    expect(node.timeline.findEvent(genuine.event_id)?.body).toBe(textOf(genuine))
    expect(shownIn(node.timeline, channel)).toEqual([genuine.event_id, next.event_id].sort())
    expect(node.timeline.findGuild(guild.guildId)).toMatchObject({ waiting: 0, equivocated: [] })
  }

  it('makes a copy with the id of the genuine event', () => {
    const { genuine, copy } = stolenKey()

    expect(JSON.parse(copy)).toMatchObject({ event_id: genuine.event_id })
    expect(copy).not.toBe(textOf(genuine))
  })

  it('can not keep out a later event: a copy sent first is rejected', async () => {
    const stolen = stolenKey()
    const node = await openTimelineNode('carol')
    await node.take(stolen.guild, [...stolen.before, stolen.keys])

    expect(await node.take(stolen.guild, [stolen.copy, stolen.genuine])).toMatchObject([
      { kind: 'rejected', reason: 'key_changed' },
      { kind: 'accepted' },
    ])
    await expectGenuine(node, stolen)
  })

  it('can not replace it: a copy sent afterwards is nothing new', async () => {
    const stolen = stolenKey()
    const node = await openTimelineNode('carol')
    await node.take(stolen.guild, [...stolen.before, stolen.keys])

    expect(await node.take(stolen.guild, [stolen.genuine, stolen.copy])).toMatchObject([
      { kind: 'accepted' },
      { kind: 'duplicate' },
    ])
    await expectGenuine(node, stolen)
  })

  it.each([
    ['before the genuine event', (stolen: Stolen) => [stolen.copy, stolen.genuine]],
    ['after it', (stolen: Stolen) => [stolen.genuine, stolen.copy]],
    [
      'alone, before and after others',
      (stolen: Stolen) => [signedAnew(stolen.copy, thief), stolen.genuine, stolen.copy],
    ],
  ])('can not keep it out by a copy that begins to wait %s', async (_, early) => {
    const stolen = stolenKey()
    const node = await openTimelineNode('carol')
    await node.take(stolen.guild, stolen.before)

    const outcomes = await node.take(stolen.guild, early(stolen), 'mallory')
    node.restart()
    await node.take(stolen.guild, [stolen.keys])

    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['waiting']))
    await expectGenuine(node, stolen)
  })

  it('can not keep it out by a copy that waits alone: the genuine event is taken when it comes', async () => {
    const stolen = stolenKey()
    const node = await openTimelineNode('carol')
    await node.take(stolen.guild, [...stolen.before, stolen.copy])

    await node.take(stolen.guild, [stolen.keys])
    const waiting = node.timeline.findGuild(stolen.guild.guildId)?.waiting
    const outcomes = await node.take(stolen.guild, [stolen.genuine])

    expect(waiting).toBe(0)
    expect(outcomes).toMatchObject([{ kind: 'accepted' }])
    await expectGenuine(node, stolen)
  })

  it('does not drop an event that waits by a copy that is rejected in the same delivery as its parent comes', async () => {
    const stolen = stolenKey()
    const node = await openTimelineNode('carol')
    await node.take(stolen.guild, [...stolen.before, stolen.genuine])

    const outcomes = await node.take(stolen.guild, [stolen.keys, stolen.copy])

    expect(outcomes).toMatchObject([{ kind: 'accepted' }, { kind: 'rejected', reason: 'key_changed' }])
    await expectGenuine(node, stolen)
  })

  it('can not sign the change of keys itself, so that no two nodes hold different keys', async () => {
    const stolen = stolenKey()
    const node = await openTimelineNode('carol')
    await node.take(stolen.guild, stolen.before)

    expect(await node.take(stolen.guild, [signedAnew(stolen.keys, alice.node), stolen.keys])).toMatchObject([
      { kind: 'rejected', reason: 'statement' },
      { kind: 'accepted' },
    ])
  })
})

describe('the first event of a log', () => {
  const joinWith = (log: Record<string, unknown>) => {
    const guild = guildOf(alice)
    const { event } = guild.invite(alice)
    const forged = forge(guild, bob, {
      type: 'member.join',
      roomId: guild.guildId,
      position: 1,
      prev: [],
      auth: [event.event_id],
      at: event.origin_ts + 1,
      content: { author: author(bob) },
      log,
    })
    return { guild, forged }
  }

  it.each([
    ['without a key statement', {}],
    ['with a changed one', { statement: { ...bob.node.ownStatement, sequence: 2 } }],
    ['with that of another node', { statement: alice.node.ownStatement }],
    ['with one that ends with another key', { statement: rotated(bob.node).ownStatement }],
  ])('%s is rejected by its bytes, before anything of the guild is known', async (_, log) => {
    const { guild, forged } = joinWith(log)
    const node = await openTimelineNode('carol')

    expect(await node.take(guild, [forged])).toEqual([{ kind: 'rejected', reason: 'statement' }])
  })
})

import { describe, expect, it } from 'vitest'
import type { GuildId } from '../../node/base/ids.ts'
import { blake3 } from '../../node/events/id.ts'
import { createSigner } from '../../node/events/sign.ts'
import { topicOf } from '../../node/federation/topics.ts'
import { SYNC_PROTOCOL } from '../../node/federation/wire.ts'
import { signedAnew } from '../kit/forged-event.ts'
import { type Network, type NetworkNode, startNetwork } from '../kit/network.ts'
import { connectRaw, drain, emptyOffer, helloWith } from '../kit/raw-peer.ts'
import { until } from '../kit/until.ts'

/** Alice and Bob share a guild with Mallory, whose node is off so that a test can speak in its name. */
async function guildWithMallory(options: Parameters<typeof startNetwork>[1] = {}) {
  const network = await startNetwork(['alice', 'bob', 'mallory'], options)
  const [alice, bob, mallory] = [network.node('alice'), network.node('bob'), network.node('mallory')]
  const { guildId, channelId } = await alice.found()
  await bob.join(await alice.invite(guildId))
  await mallory.join(await alice.invite(guildId))
  await mallory.post(channelId, 'I am harmless')
  await network.settled(guildId)
  await mallory.stop()
  await until(() => !alice.federation.links().some((link) => link.peerId === mallory.self))
  return { network, alice, bob, mallory, guildId, channelId }
}

/** What Alice and Bob say to each other still arrives. */
async function expectAllIsWell(
  network: Network,
  { from, to }: { from: NetworkNode; to: NetworkNode },
  guildId: GuildId,
) {
  const [channel] = from.timeline.stateOf(guildId)?.channels.values() ?? []
  if (channel === undefined) throw new Error('The guild has no channel')
  await from.post(channel.id, 'all is well')
  await network.settled(guildId)
  expect(to.texts(channel.id)).toContain('all is well')
}

describe('a stranger', () => {
  it('is told of no guild and given no event', async () => {
    await using network = await startNetwork(['alice'])
    const alice = network.node('alice')
    const { guildId, channelId } = await alice.found()
    await alice.post(channelId, 'secret')
    await using stranger = await connectRaw(alice)

    const channel = await stranger.open(SYNC_PROTOCOL)
    await channel.write(helloWith([emptyOffer(guildId)]))
    const hello = await channel.read()
    await channel.write({ type: 'end', guilds: [] })
    await channel.close()

    expect(hello?.header).toMatchObject({ type: 'hello', guilds: [], peers: [] })
    expect(await drain(channel)).toEqual([{ type: 'end', lines: [] }])
  })

  it('that listens to the guild gets none of its gossip', async () => {
    await using network = await startNetwork(['alice', 'bob'])
    const [alice, bob] = [network.node('alice'), network.node('bob')]
    const { guildId, channelId } = await alice.found()
    await bob.join(await alice.invite(guildId))
    await network.settled(guildId)
    await using stranger = await connectRaw(alice)
    const heard: string[] = []
    stranger.host.gossip.subscribe(topicOf(guildId), (_from, data) => {
      heard.push(Buffer.from(data).toString())
      return 'accept'
    })

    for (let count = 0; count < 5; count += 1) await alice.post(channelId, `secret ${count}`)
    await network.settled(guildId)

    expect(heard).toEqual([])
  })

  it('that gossips into the guild is not heard', async () => {
    await using network = await startNetwork(['alice'])
    const alice = network.node('alice')
    const { guildId } = await alice.found()
    await using stranger = await connectRaw(alice)

    await until(() => {
      void stranger.host.gossip.publish(topicOf(guildId), `{"spam":${Math.random()}}`)
      return alice.federation.totals().inbound.stranger > 0
    })

    expect(alice.federation.totals().inbound.rejected).toBe(0)
  })
})

describe('a member that lies', () => {
  it.each([
    { what: 'garbage instead of hello', frames: [{ header: { what: 'ever' } }] },
    { what: 'a hello with nonsense', frames: [{ header: { type: 'hello', version: 'one', guilds: 7 } }] },
    { what: 'events before hello', frames: [{ header: { type: 'done', guild_id: 'x', sent: -1 } }] },
  ])('and sends $what is hung up on', async ({ frames }) => {
    const { network, alice, bob, mallory, guildId } = await guildWithMallory()
    await using _network = network
    await using raw = await connectRaw(alice, mallory.identitySeed)

    const channel = await raw.open(SYNC_PROTOCOL)
    for (const { header } of frames) await channel.write(header)

    expect(await drain(channel)).toEqual([{ type: 'broken off', lines: [] }])
    await expectAllIsWell(network, { from: alice, to: bob }, guildId)
  })

  it('and sends a frame of four megabytes is hung up on', async () => {
    const { network, alice, bob, mallory, guildId } = await guildWithMallory()
    await using _network = network
    await using raw = await connectRaw(alice, mallory.identitySeed)

    const channel = await raw.open(SYNC_PROTOCOL)
    channel.write({ type: 'hello', padding: 'x'.repeat(3 * 1024 * 1024) }).catch(() => undefined)

    expect(await drain(channel)).toEqual([{ type: 'broken off', lines: [] }])
    await expectAllIsWell(network, { from: alice, to: bob }, guildId)
  })

  it('and says nothing at all is given up', async () => {
    const limits = { maxFrameBytes: 1024 * 1024, silenceMs: 200 }
    const { network, alice, bob, mallory, guildId } = await guildWithMallory({ frameLimits: limits })
    await using _network = network
    await using raw = await connectRaw(alice, mallory.identitySeed)

    const channel = await raw.open(SYNC_PROTOCOL)

    expect(await drain(channel)).toEqual([{ type: 'broken off', lines: [] }])
    await expectAllIsWell(network, { from: alice, to: bob }, guildId)
  })

  it('and streams events with wrong signatures changes nothing', async () => {
    const { network, alice, bob, mallory, guildId } = await guildWithMallory()
    await using _network = network
    await using raw = await connectRaw(alice, mallory.identitySeed)
    const before = alice.timeline.findGuild(guildId)
    const genuine = alice.timeline.tips(guildId).flatMap((tip) => alice.timeline.findEvent(tip.eventId)?.body ?? [])
    const forged = genuine.map((body) => body.replace(/"ed25519:([\w-]+)":"..../, '"ed25519:$1":"AAAA'))

    const channel = await raw.open(SYNC_PROTOCOL)
    await channel.write(helloWith([emptyOffer(guildId)]))
    const pages = Array.from({ length: 30 }, () => channel.write({ type: 'events', guild_id: guildId }, forged))
    await Promise.allSettled(pages)

    expect((await drain(channel)).at(-1)?.type).toBe('broken off')
    expect(alice.timeline.findGuild(guildId)?.tips).toEqual(before?.tips)
    await expectAllIsWell(network, { from: alice, to: bob }, guildId)
  })

  it('and streams events of others signed anew with a key of its own keeps out none of them', async () => {
    const { network, alice, bob, mallory, guildId, channelId } = await guildWithMallory({ gossip: false })
    await using _network = network
    await bob.stop()
    for (const text of ['one', 'two', 'three']) await alice.post(channelId, text)
    const [tip] = alice.timeline.tips(guildId).filter(({ origin }) => origin === alice.self)
    const genuine = (tip && alice.timeline.findEvent(tip.eventId)?.body) ?? expect.fail()
    const copy = signedAnew(genuine, { signer: createSigner(blake3('a key of Mallory')) })
    await alice.stop()
    await bob.restart()
    await using raw = await connectRaw(bob, mallory.identitySeed)

    const channel = await raw.open(SYNC_PROTOCOL)
    await channel.write(helloWith([emptyOffer(guildId)]))
    await channel.write({ type: 'events', guild_id: guildId }, [copy])
    await until(() => bob.timeline.findGuild(guildId)?.waiting === 1)
    await alice.restart()
    await network.connect(alice, bob)
    await until(() => bob.texts(channelId).includes('three'), { describe: () => bob.texts(channelId) })

    expect(bob.timeline.findEvent(JSON.parse(genuine).event_id)?.body).toBe(genuine)
    await expectAllIsWell(network, { from: alice, to: bob }, guildId)
  })

  it('and sends events of a guild that is not shared is hung up on', async () => {
    const { network, alice, mallory } = await guildWithMallory()
    await using _network = network
    const secret = await alice.found()
    await alice.post(secret.channelId, 'not for Mallory')
    await using raw = await connectRaw(alice, mallory.identitySeed)

    const channel = await raw.open(SYNC_PROTOCOL)
    await channel.write(helloWith([emptyOffer(secret.guildId)]))
    const hello = await channel.read()
    await channel.write({ type: 'events', guild_id: secret.guildId }, ['{}'])
    const rest = await drain(channel)

    expect(JSON.stringify(hello)).not.toContain(secret.guildId)
    expect(rest.flatMap((frame) => frame.lines)).toEqual([])
  })

  it('and gossips an event under a wrong id is refused and not passed on', async () => {
    const { network, alice, bob, mallory, guildId } = await guildWithMallory()
    await using _network = network
    await using raw = await connectRaw(alice, mallory.identitySeed)
    const [tip] = alice.timeline.tips(guildId)
    const body = tip && alice.timeline.findEvent(tip.eventId)?.body
    const digits = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
    let count = 0
    const lie = () => (body ?? '').replace(/"event_id":"\$.../, `"event_id":"$${digits[count++ % 58]}zz`)

    await until(() => {
      void raw.host.gossip.publish(topicOf(guildId), lie())
      return alice.federation.totals().inbound.rejected > 0
    })

    expect(bob.federation.totals().inbound.rejected).toBe(0)
    await expectAllIsWell(network, { from: alice, to: bob }, guildId)
  })
})

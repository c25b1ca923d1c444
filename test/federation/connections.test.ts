import { describe, expect, it } from 'vitest'
import { type NetworkNode, startNetwork } from '../kit/network.ts'
import { until } from '../kit/until.ts'

const isLinked = (node: NetworkNode, to: NetworkNode): boolean =>
  node.federation.links().some((link) => link.peerId === to.self)

/** Two nodes with a guild in common. */
async function pair(options: Parameters<typeof startNetwork>[1] = {}) {
  const network = await startNetwork(['alice', 'bob'], options)
  const [alice, bob] = [network.node('alice'), network.node('bob')]
  const { guildId, channelId } = await alice.found()
  await bob.join(await alice.invite(guildId))
  await network.settled(guildId)
  return { network, alice, bob, guildId, channelId }
}

describe('blocking', () => {
  it('hangs up at once and lets the peer in no more, until it is unblocked', async () => {
    const { network, alice, bob, guildId, channelId } = await pair()
    await using _network = network

    await alice.peers.block(bob.self)
    await until(() => !isLinked(alice, bob) && !isLinked(bob, alice))
    await bob.federation.connect(alice.self).catch(() => undefined)
    await until(() => !isLinked(bob, alice))
    await alice.post(channelId, 'Bob can not hear this')
    const heardWhileBlocked = bob.texts(channelId)
    await alice.peers.unblock(bob.self)
    await network.settled(guildId)

    expect(heardWhileBlocked).toEqual([])
    expect(bob.texts(channelId)).toEqual(['Bob can not hear this'])
  })

  it('survives a restart', async () => {
    const { network, alice, bob } = await pair()
    await using _network = network
    await alice.peers.block(bob.self)

    await alice.restart()
    await bob.federation.connect(alice.self).catch(() => undefined)

    await until(() => !isLinked(alice, bob))
    expect(alice.peers.find(bob.self)?.blocked).toBe(true)
  })
})

describe('after a restart', () => {
  it.each([
    { over: 'memory', tcp: false },
    { over: 'TCP', tcp: true },
  ])('a node finds its peers again over $over and both catch up', async ({ tcp }) => {
    const { network, alice, bob, guildId, channelId } = await pair({ tcp })
    await using _network = network
    await bob.stop()
    for (let count = 0; count < 300; count += 1) await alice.post(channelId, `missed ${count}`)

    await bob.restart()
    await bob.post(channelId, 'back again')
    await network.settled(guildId)

    expect(bob.timeline.latestSequence(channelId)).toBe(301)
    expect(alice.timeline.latestSequence(channelId)).toBe(301)
  })
})

describe('what the admin sees', () => {
  it('after a sync each node knows what the other holds', async () => {
    const { network, alice, bob, guildId } = await pair()
    await using _network = network

    const report = await bob.federation.syncNow(alice.self)

    expect(report.guilds).toMatchObject([{ guildId, comparison: { kind: 'in_sync' } }])
    expect(bob.federation.reports(guildId)).toMatchObject([
      { peerId: alice.self, stateHash: alice.timeline.findGuild(guildId)?.stateHash },
    ])
  })

  it('a member whose address came from another member is connected to', async () => {
    await using network = await startNetwork(['alice', 'bob', 'carol'])
    const [alice, bob, carol] = [network.node('alice'), network.node('bob'), network.node('carol')]
    const { guildId } = await alice.found()
    await bob.join(await alice.invite(guildId))
    await carol.join(await alice.invite(guildId))
    await network.settled(guildId)

    await bob.federation.syncNow(alice.self)

    await until(() => isLinked(bob, carol), { describe: () => bob.federation.links() })
  })
})

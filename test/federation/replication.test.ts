import { describe, expect, it } from 'vitest'
import { startNetwork } from '../kit/network.ts'
import { until } from '../kit/until.ts'

describe.each([
  { how: 'with gossip', options: { gossip: true } },
  { how: 'by sync alone', options: { gossip: false } },
])('replication $how', ({ options }) => {
  it('a message posted on one node is read on the other, both ways', async () => {
    await using network = await startNetwork(['alice', 'bob'], options)
    const [alice, bob] = [network.node('alice'), network.node('bob')]
    const { guildId, channelId } = await alice.found()
    await alice.post(channelId, 'before you came')

    await bob.join(await alice.invite(guildId))
    await bob.post(channelId, 'hello from bob')
    await alice.post(channelId, 'hello from alice')
    await network.settled(guildId)

    expect(bob.texts(channelId).sort()).toEqual(['before you came', 'hello from alice', 'hello from bob'])
    expect(alice.texts(channelId).sort()).toEqual(bob.texts(channelId).sort())
  })

  it('a third node joins with the help of the second while the first is off', async () => {
    await using network = await startNetwork(['alice', 'bob', 'carol'], options)
    const [alice, bob, carol] = [network.node('alice'), network.node('bob'), network.node('carol')]
    const { guildId, channelId } = await alice.found()
    await bob.join(await alice.invite(guildId))
    const link = await bob.invite(guildId)
    await until(() => alice.timeline.stateOf(guildId)?.members.size === 2)
    await alice.stop()

    await carol.join(link)
    await carol.post(channelId, 'carol is here')
    await network.settled(guildId)
    await alice.restart()
    await network.settled(guildId)

    expect(alice.texts(channelId)).toEqual(['carol is here'])
    await until(() => alice.federation.links().length === 2, { describe: () => alice.federation.links() })
  })

  it('a node that comes back with a new signing key is heard by the others and by who joins later', async () => {
    await using network = await startNetwork(['alice', 'bob'], options)
    const [alice, bob] = [network.node('alice'), network.node('bob')]
    const { guildId, channelId } = await alice.found()
    await bob.join(await alice.invite(guildId))
    await alice.post(channelId, 'with the old key')
    await network.settled(guildId)

    await alice.restartWithNewKey()
    await alice.post(channelId, 'with the new key')
    await network.connect(alice, bob)
    await network.settled(guildId)
    const carol = await network.add('carol')
    await carol.join(await bob.invite(guildId))
    await network.settled(guildId)

    for (const node of [alice, bob, carol]) {
      expect(node.texts(channelId)).toEqual(['with the old key', 'with the new key'])
      const keys = node.timeline.stateOf(guildId)?.nodeKeys.get(alice.self)
      expect(keys?.sequence).toBe(2)
    }
  })

  it('more guilds than fit into one hello are all synced, some at a time', async () => {
    const frameLimits = { maxFrameBytes: 6 * 1024, silenceMs: 10_000 }
    await using network = await startNetwork(['alice', 'bob'], { gossip: false, syncIntervalMs: 100, frameLimits })
    const [alice, bob] = [network.node('alice'), network.node('bob')]
    const guilds = []
    for (let count = 0; count < 6; count += 1) {
      const guild = await alice.found()
      await bob.join(await alice.invite(guild.guildId))
      guilds.push(guild)
    }

    for (const { channelId } of guilds) {
      await alice.post(channelId, 'from alice')
      await bob.post(channelId, 'from bob')
    }

    for (const { guildId } of guilds) await network.settled(guildId)
  })
})

import { describe, expect, it } from 'vitest'
import { startNetwork } from '../kit/network.ts'
import { until } from '../kit/until.ts'

describe('a node whose last member was kicked', () => {
  it.each([{ gossip: true }, { gossip: false }])('gets nothing more (gossip $gossip)', async ({ gossip }) => {
    await using network = await startNetwork(['alice', 'bob', 'carol'], { gossip })
    const [alice, bob, carol] = [network.node('alice'), network.node('bob'), network.node('carol')]
    const { guildId, channelId } = await alice.found()
    await bob.join(await alice.invite(guildId))
    await carol.join(await alice.invite(guildId))
    await alice.post(channelId, 'for all of us')
    await network.settled(guildId)

    const target = { user_id: bob.caller.userId, server_name: bob.self }
    const draft = { guildId, eventType: 'member.kick' as const, roomId: guildId, sender: alice.caller.userId }
    await alice.timeline.send({ ...draft, content: { target } })
    await until(() => carol.timeline.stateOf(guildId)?.members.size === 2)
    for (let count = 0; count < 3; count += 1) await alice.post(channelId, `without Bob ${count}`)
    await until(() => carol.timeline.latestSequence(channelId) === 4)
    await bob.federation.syncNow(alice.self).catch(() => undefined)
    await bob.federation.syncNow(carol.self).catch(() => undefined)

    expect(bob.texts(channelId)).toEqual(['for all of us'])
  })
})

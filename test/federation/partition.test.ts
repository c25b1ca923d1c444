import { describe, expect, it } from 'vitest'
import { type NetworkNode, startNetwork } from '../kit/network.ts'

/** A small generator, so that a failing run can be repeated. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
}

const SEED = 20_260_102

describe('a partition', () => {
  it.each([{ gossip: true }, { gossip: false }])(
    'of five nodes heals to the same events and the same law (gossip $gossip)',
    async ({ gossip }) => {
      const random = randomOf(SEED)
      await using network = await startNetwork(['a', 'b', 'c', 'd', 'e'], { gossip })
      const [founder, ...others] = network.nodes as [NetworkNode, ...NetworkNode[]]
      const { guildId, channelId } = await founder.found()
      for (const node of others) await node.join(await founder.invite(guildId))
      await network.settled(guildId)
      const left = network.nodes.slice(0, 2)
      const right = network.nodes.slice(2)

      for (const node of left) for (const far of right) await node.peers.block(far.self)
      for (let count = 0; count < 60; count += 1) {
        const writer = network.nodes[Math.floor(random() * network.nodes.length)]
        await writer?.post(channelId, `message ${count}`)
      }
      for (const node of left) for (const far of right) await node.peers.unblock(far.self)
      await network.settled(guildId)

      for (const node of network.nodes) expect(node.timeline.latestSequence(channelId)).toBe(60)
    },
  )
})

import { join } from 'node:path'
import { signUp } from '../../kit/client.ts'
import { postMany } from '../load/posting.ts'
import { type Row, type RunContext, sizeOf } from '../row.ts'
import { startTown, type Town, untilEqual } from '../town.ts'

const NODES = 10
const PATIENCE_MS = 180_000

/** Blocks or unblocks every pair of nodes that is on different sides. */
async function cut(town: Town, method: 'PUT' | 'DELETE'): Promise<void> {
  const nodes = town.residents.map(({ node }) => node)
  const ids = await Promise.all(nodes.map(async (node) => (await node.status()).peer_id))
  const isLeft = (index: number) => index < nodes.length / 2
  await Promise.all(
    nodes.flatMap((node, index) =>
      ids
        .filter((_, other) => isLeft(other) !== isLeft(index))
        .map((peerId) => node.admin(method, `/peers/${peerId}/block`)),
    ),
  )
}

/** Both sides write messages and law; within each side all hold the same at the end. */
async function growApart(town: Town, context: RunContext): Promise<void> {
  const nodes = town.residents.map(({ node }) => node)
  const far = nodes.length / 2
  const [founder] = town.residents
  await founder?.client.createChannel(town.guildId, 'made on the left')
  const newcomer = await signUp(() => town.node(far).address(), 'newcomer')
  await newcomer.join(town.link)
  const each = sizeOf(context, 10_000, 1_000) / 2
  await Promise.all([postMany(town.placeOf(0), each), postMany(town.placeOf(far), each)])
  await untilEqual(nodes.slice(0, far), town.guildId, PATIENCE_MS)
  await untilEqual(nodes.slice(far), town.guildId, PATIENCE_MS)
}

export const partition: Row = {
  name: 'partition',
  title: `Partition of ${NODES} nodes with 10 000 events healed`,
  figures: [
    { name: 'seconds', label: 'same events and state hash everywhere', unit: 's', goal: { kind: 'at most', value: 5 } },
  ],
  async run(context) {
    await using town = await startTown(join(context.workDir, 'town'), sizeOf(context, NODES, 4))
    const nodes = town.residents.map(({ node }) => node)
    await cut(town, 'PUT')
    await growApart(town, context)
    const startedAt = performance.now()
    await cut(town, 'DELETE')
    await untilEqual(nodes, town.guildId, PATIENCE_MS)
    return { seconds: (performance.now() - startedAt) / 1000 }
  },
}

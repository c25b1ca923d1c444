import { join } from 'node:path'
import { postMany } from '../load/posting.ts'
import { type Row, sizeOf } from '../row.ts'
import { startTown, untilEqual } from '../town.ts'

const PATIENCE_MS = 120_000

export const catchUp: Row = {
  name: 'catch-up',
  title: 'Catch-up of missed events (verify, store, project)',
  figures: [
    { name: 'events_per_second', label: 'rate', unit: '/s', goal: { kind: 'at least', value: 10_000 } },
    { name: 'seconds', label: 'from connecting until equal', unit: 's' },
  ],
  async run(context) {
    const missed = sizeOf(context, 40_000, 5_000)
    await using town = await startTown(join(context.workDir, 'town'), 2)
    const nodes = town.residents.map(({ node }) => node)
    const { peer_id: away } = await town.node(1).status()
    // A block cuts B off while both go on running, so that the figure holds no start of a process.
    await town.node(0).admin('PUT', `/peers/${away}/block`)
    await postMany(town.placeOf(0), missed)
    const startedAt = performance.now()
    await town.node(0).admin('DELETE', `/peers/${away}/block`)
    await untilEqual(nodes, town.guildId, PATIENCE_MS)
    const seconds = (performance.now() - startedAt) / 1000
    return { events_per_second: missed / seconds, seconds }
  },
}

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Row, sizeOf } from '../row.ts'
import { startTown } from '../town.ts'

const PEERS = 10
const BYTES_PER_MB = 1_000_000

export const memory: Row = {
  name: 'memory',
  title: `Idle memory, headless, ${PEERS} peers`,
  figures: [
    { name: 'rss_mb', label: 'resident', unit: 'MB', goal: { kind: 'at most', value: 150 } },
    { name: 'peer_rss_mb', label: 'resident, a node that joined', unit: 'MB' },
  ],
  async run(context) {
    await using town = await startTown(join(context.workDir, 'town'), sizeOf(context, PEERS, 3) + 1)
    await sleep(sizeOf(context, 20_000, 3_000))
    return {
      rss_mb: town.node(0).residentBytes() / BYTES_PER_MB,
      peer_rss_mb: town.node(1).residentBytes() / BYTES_PER_MB,
    }
  },
}

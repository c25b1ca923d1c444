import { join } from 'node:path'
import { openAudience } from '../load/audience.ts'
import { postAtRate } from '../load/posting.ts'
import { type Row, sizeOf } from '../row.ts'
import { latencyFigures } from '../statistics.ts'
import { startTown, untilEqual } from '../town.ts'

const PER_SECOND = 50

export const twoNodes: Row = {
  name: 'two-nodes',
  title: 'POST on A to frame on B, two nodes on loopback, 50 messages/s',
  figures: [
    { name: 'p50_ms', label: 'p50', unit: 'ms', goal: { kind: 'at most', value: 15 } },
    { name: 'p99_ms', label: 'p99', unit: 'ms', goal: { kind: 'at most', value: 60 } },
    { name: 'lost_frames', label: 'frames lost', unit: '', goal: { kind: 'at most', value: 0 } },
  ],
  async run(context) {
    await using town = await startTown(join(context.workDir, 'town'), 2)
    const nodes = town.residents.map(({ node }) => node)
    const warmUp = await postAtRate(town.placeOf(0), { perSecond: PER_SECOND, count: sizeOf(context, 250, 50) })
    await untilEqual(nodes, town.guildId, 30_000)
    const audience = await openAudience({ ...town.placeOf(1), since: warmUp.length }, 1)
    const posted = await postAtRate(town.placeOf(0), { perSecond: PER_SECOND, count: sizeOf(context, 1_000, 200) })
    const lost = await audience.lost(posted)
    const latencies = audience.latencies(posted)
    audience.close()
    return { ...latencyFigures(latencies), lost_frames: lost }
  },
}

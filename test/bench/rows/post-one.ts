import { join } from 'node:path'
import { latencyOf, openPoster, postUntil } from '../load/posting.ts'
import { type Row, sizeOf } from '../row.ts'
import { latencyFigures } from '../statistics.ts'
import { startTown } from '../town.ts'

/** So that what is compiled at first use is compiled. */
const WARM_UP = 500

export const postOne: Row = {
  name: 'post-one',
  title: 'POST to durable 200, one client',
  figures: [
    { name: 'p50_ms', label: 'p50', unit: 'ms', goal: { kind: 'at most', value: 5 } },
    { name: 'p99_ms', label: 'p99', unit: 'ms', goal: { kind: 'at most', value: 20 } },
  ],
  async run(context) {
    await using town = await startTown(join(context.workDir, 'town'), 1)
    const poster = await openPoster(town.placeOf(0))
    await postUntil([poster], (begun) => begun >= WARM_UP)
    const posted = await postUntil([poster], (begun) => begun >= sizeOf(context, 5_000, 500))
    poster.close()
    return latencyFigures(posted.map(latencyOf))
  },
}

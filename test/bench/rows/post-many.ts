import { join } from 'node:path'
import { openAudience } from '../load/audience.ts'
import { latencyOf, openPosters, type Posted, type Poster, postUntil } from '../load/posting.ts'
import { type Row, sizeOf } from '../row.ts'
import { latencyFigures } from '../statistics.ts'
import { startTown } from '../town.ts'

const CLIENTS = 64
const LISTENERS = 50
const WARM_UP = 5_000

export const postMany: Row = {
  name: 'post-many',
  title: `Sustained durable POSTs, ${CLIENTS} clients, ${LISTENERS} sockets listening`,
  figures: [
    { name: 'posts_per_second', label: 'rate', unit: '/s', goal: { kind: 'at least', value: 3_000 } },
    { name: 'p50_ms', label: 'p50', unit: 'ms' },
    { name: 'p99_ms', label: 'p99', unit: 'ms' },
    { name: 'lost_frames', label: 'frames lost', unit: '', goal: { kind: 'at most', value: 0 } },
  ],
  async run(context) {
    await using town = await startTown(join(context.workDir, 'town'), 1)
    const posters = await openPosters(town.placeOf(0), CLIENTS)
    const warmUp = await postUntil(posters, (begun) => begun >= WARM_UP)
    const since = Math.max(...warmUp.map(({ sequence }) => sequence))
    const audience = await openAudience({ ...town.placeOf(0), since }, LISTENERS)
    const { posted, seconds } = await postFor(posters, sizeOf(context, 10_000, 2_000))
    const lost = await audience.lost(posted)
    for (const poster of posters) poster.close()
    audience.close()
    return {
      posts_per_second: posted.length / seconds,
      ...latencyFigures(posted.map(latencyOf)),
      lost_frames: lost,
    }
  },
}

async function postFor(posters: readonly Poster[], durationMs: number): Promise<{ posted: Posted[]; seconds: number }> {
  const startedAt = performance.now()
  const posted = await postUntil(posters, () => performance.now() - startedAt > durationMs)
  return { posted, seconds: (performance.now() - startedAt) / 1000 }
}

import { join } from 'node:path'
import { openAudience } from '../load/audience.ts'
import { postAtRate, postMany } from '../load/posting.ts'
import { type Row, sizeOf } from '../row.ts'
import { latencyFigures } from '../statistics.ts'
import { startTown } from '../town.ts'

const SOCKETS = 1_000
const PER_SECOND = 100
const WARM_UP = 200

export const fanOut: Row = {
  name: 'fan-out',
  title: 'WebSocket fan-out, 1 000 sockets, 100 messages/s',
  figures: [
    { name: 'p50_ms', label: 'POST to frame, p50', unit: 'ms' },
    { name: 'p99_ms', label: 'POST to frame, p99', unit: 'ms', goal: { kind: 'below', value: 100 } },
    { name: 'lost_frames', label: 'frames lost', unit: '', goal: { kind: 'at most', value: 0 } },
  ],
  async run(context) {
    await using town = await startTown(join(context.workDir, 'town'), 1)
    const place = town.placeOf(0)
    const warmUp = await postMany(place, WARM_UP)
    const audience = await openAudience({ ...place, since: warmUp.length }, sizeOf(context, SOCKETS, SOCKETS / 5))
    await postAtRate(place, { perSecond: PER_SECOND, count: PER_SECOND })
    const posted = await postAtRate(place, { perSecond: PER_SECOND, count: PER_SECOND * sizeOf(context, 10, 3) })
    const lost = await audience.lost(posted)
    const latencies = audience.latencies(posted)
    audience.close()
    return { ...latencyFigures(latencies), lost_frames: lost }
  },
}

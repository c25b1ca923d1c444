import { expect, it } from 'vitest'
import type { GuildId, ServerName } from '../../../node/base/ids.ts'
import { createOutbound } from '../../../node/federation/outbound.ts'
import { createFeed } from '../../../node/services/timeline/feed.ts'
import type { StoredEvent } from '../../../node/services/timeline/types.ts'
import { heldClock } from '../../kit/clock.ts'
import { recordingLogger } from '../../kit/log.ts'
import { until } from '../../kit/until.ts'

const self = 'self' as ServerName

function eventAt(stream: number): StoredEvent {
  return {
    stream,
    origin: self,
    guildId: 'guild' as GuildId,
    eventType: 'message',
    body: `event ${stream}`,
  } as StoredEvent
}

it('goes on after a page it could not work off', async () => {
  const feed = createFeed({ latest: () => 0, after: (stream) => [eventAt(stream + 1)].filter((e) => e.stream <= 2) })
  const published: string[] = []
  const log = recordingLogger()
  const outbound = createOutbound({
    self,
    feed,
    gossip: { publish: (_topic, text) => Promise.resolve(published.push(text)).then(() => []) },
    catchUp: { nudge: () => {} },
    clock: heldClock(),
    log,
    onPage({ stream }) {
      if (stream === 1) throw new Error('a fault')
    },
  })
  outbound.start()

  feed.wake(2)
  await until(() => published.includes('event 2'))
  await outbound.stop()

  expect(log.lines.map((line) => line.sentence)).toEqual(['New events could not be passed on; they travel by sync'])
})

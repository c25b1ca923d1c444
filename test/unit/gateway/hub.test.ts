import { describe, expect, it } from 'vitest'
import { createHub } from '../../../node/gateway/hub.ts'
import type { Feed, StoredEvent } from '../../../node/services/timeline/types.ts'
import { recordingLogger } from '../../kit/log.ts'
import { until } from '../../kit/until.ts'

const events = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => ({ stream: from + index }) as StoredEvent)

/** Gives these pages, a thrown error in its place, then nothing until it is stopped. */
function scriptedFeed(latest: number, pages: (StoredEvent[] | Error)[]): Feed & { asked: number[] } {
  const asked: number[] = []
  return {
    asked,
    latest: () => latest,
    async *follow(after, signal) {
      asked.push(after)
      for (let page = pages.shift(); page !== undefined; page = pages.shift()) {
        if (page instanceof Error) throw page
        yield { events: page, stream: page.at(-1)?.stream ?? after }
      }
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    },
  }
}

describe('the hub', () => {
  it('sends what comes after its start, in batches', async () => {
    const batches: number[] = []
    const feed = scriptedFeed(10, [events(11, 160)])
    const hub = createHub({ feed, log: recordingLogger(), fanOut: (batch) => void batches.push(batch.length) })

    hub.start()
    await until(() => batches.reduce((sum, size) => sum + size, 0) === 150)
    await hub.stop()

    expect(feed.asked).toEqual([10])
    expect(batches).toEqual([64, 64, 22])
  })

  it('goes on behind a page that could not be read or sent', async () => {
    const log = recordingLogger()
    const seen: number[] = []
    const feed = scriptedFeed(0, [events(1, 2), new Error('disk trouble'), events(3, 4)])
    const hub = createHub({ feed, log, fanOut: (batch) => void seen.push(...batch.map((event) => event.stream)) })

    hub.start()
    await until(() => hub.health().status === 'degraded')
    expect(hub.health()).toEqual({ status: 'degraded', details: expect.stringContaining('disk trouble') })
    await until(() => seen.length === 4)
    await until(() => hub.health().status === 'ready')
    await hub.stop()

    expect(feed.asked).toEqual([0, 2])
    expect(log.lines.map((line) => line.level)).toEqual(['error'])
  })

  it('can be stopped twice, and before it started', async () => {
    const hub = createHub({ feed: scriptedFeed(0, []), log: recordingLogger(), fanOut: () => {} })

    await hub.stop()
    await hub.stop()

    expect(hub.health()).toEqual({ status: 'ready' })
  })
})

import type { Feed, FeedPage, StoredEvent } from './types.ts'

export interface FeedSource {
  latest(): number
  /** Stored events after a position, in stream order. */
  after(stream: number, limit: number): StoredEvent[]
}

/** After a commit only the position travels; followers read the log themselves, so a crash before fan-out loses nothing. */
export interface WakingFeed extends Feed {
  wake(stream: number): void
}

/** Small enough that a page of frames fits a healthy socket's buffers. */
const PAGE = 128

export function createFeed(source: FeedSource): WakingFeed {
  let latest = source.latest()
  let sleepers: (() => void)[] = []

  const sleep = () => new Promise<void>((resolve) => sleepers.push(resolve))

  function wakeAll(): void {
    const woken = sleepers
    sleepers = []
    for (const resume of woken) resume()
  }

  async function* follow(after: number, signal: AbortSignal): AsyncGenerator<FeedPage, void, void> {
    let position = after
    signal.addEventListener('abort', wakeAll, { once: true })
    while (!signal.aborted) {
      const events = position < latest ? source.after(position, PAGE) : []
      const last = events.at(-1)
      if (last === undefined) {
        await sleep()
        continue
      }
      position = last.stream
      yield { events, stream: position }
    }
  }

  return {
    latest: () => latest,
    follow,
    wake(stream) {
      latest = Math.max(latest, stream)
      wakeAll()
    },
  }
}

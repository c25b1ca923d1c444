import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../base/errors.ts'
import type { PartHealth } from '../base/lifecycle.ts'
import type { Logger } from '../base/log.ts'
import type { Feed, StoredEvent } from '../services/timeline/types.ts'
import { createBatch } from './batch.ts'
import type { FanOut } from './fan-out.ts'

export interface HubDeps {
  feed: Feed
  fanOut: FanOut
  log: Logger
}

/** The one follower of the feed for all sockets. */
export interface Hub {
  start(): void
  stop(): Promise<void>
  health(): PartHealth
}

/** Events that leave together. Small enough that a burst cannot fill a healthy socket's queue before it is written. */
const BATCH_EVENTS = 64
/** Pause after the log could not be read. */
const RETRY_MS = 1_000

export function createHub({ feed, fanOut, log }: HubDeps): Hub {
  const stopping = new AbortController()
  const { signal } = stopping
  let position = 0
  let running: Promise<void> | undefined
  let health: PartHealth = { status: 'ready' }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        await follow()
      } catch (error) {
        health = { status: 'degraded', details: `Live messages stopped for a moment: ${messageOf(error)}` }
        log.error({ error }, 'Following the log for WebSockets failed; trying again')
        await sleep(RETRY_MS, undefined, { signal }).catch(() => {})
      }
    }
  }

  async function follow(): Promise<void> {
    for await (const { events, stream } of feed.follow(position, signal)) {
      // Noted first: a page that cannot be sent is passed over, and clients see the gap in the sequence.
      position = stream
      for (let start = 0; start < events.length; start += BATCH_EVENTS) {
        await fanOutBatch(events.slice(start, start + BATCH_EVENTS))
      }
      health = { status: 'ready' }
    }
  }

  async function fanOutBatch(events: readonly StoredEvent[]): Promise<void> {
    const batch = createBatch()
    try {
      fanOut(events, batch)
    } finally {
      batch.flush()
    }
    // In a burst sockets get time to be written; a single event does not wait for anybody.
    const last = events.at(-1)
    if (last !== undefined && last.stream < feed.latest()) await batch.settled()
  }

  return {
    start() {
      position = feed.latest()
      running = run()
    },
    async stop() {
      stopping.abort()
      await running
    },
    health: () => health,
  }
}

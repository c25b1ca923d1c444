import { until } from '../../kit/until.ts'
import { type FrameListener, listenToFrames } from './frame-listener.ts'
import type { Place, Posted } from './posting.ts'

/** Many sockets that listen to one channel, and what they heard. */
export interface Audience {
  /** Waits until every socket heard every message, or a while. Gives how many frames are missing then. */
  lost(messages: readonly Posted[]): Promise<number>
  /** From the request of each message to each of its frames, in milliseconds. */
  latencies(messages: readonly Posted[]): number[]
  close(): void
}

interface Frame {
  sequence: number
  at: number
}

/** Sockets opened at a time: the backlog of a listener is finite. */
const PARALLEL = 50
const PATIENCE_MS = 15_000

export async function openAudience(place: Place & { since: number }, size: number): Promise<Audience> {
  const frames: Frame[] = []
  const listeners: FrameListener[] = []
  const onFrame = (sequence: number, at: number) => void frames.push({ sequence, at })
  while (listeners.length < size) {
    const count = Math.min(PARALLEL, size - listeners.length)
    listeners.push(...(await Promise.all(Array.from({ length: count }, () => listenToFrames(place, onFrame)))))
  }

  return {
    async lost(messages) {
      const expected = messages.length * size
      await until(() => frames.length >= expected, { timeoutMs: PATIENCE_MS }).catch(() => {})
      const wanted = new Set(messages.map(({ sequence }) => sequence))
      return expected - frames.filter(({ sequence }) => wanted.has(sequence)).length
    },
    latencies(messages) {
      const sentAt = new Map(messages.map((message) => [message.sequence, message.sentAt]))
      return frames.flatMap(({ sequence, at }) => {
        const from = sentAt.get(sequence)
        return from === undefined ? [] : [at - from]
      })
    },
    close() {
      for (const listener of listeners) listener.close()
    },
  }
}

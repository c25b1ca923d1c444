import { performance } from 'node:perf_hooks'
import type { WriteTx } from './database.ts'
import type { Transactor } from './transactor.ts'

export interface GroupCommitOptions {
  /** Most writes that share one commit. */
  maxBatch: number
  /** After this long a group takes no further writes, so that the event loop gets its turn. */
  maxGroupMs: number
  /** What a caller gets to see of an error. */
  translate(error: unknown): unknown
  /** Told how many writes shared the commit. */
  onCommit(writes: number): void
}

export interface GroupCommit {
  write<T>(work: (tx: WriteTx) => T): Promise<T>
  queued(): number
  /** Commits all that is queued, at once. */
  drain(): void
}

interface QueuedWrite {
  /** Does the work; gives what settles its promise once the group is durable. */
  attempt(): () => void
  reject(reason: unknown): void
}

/** Writes queued in one turn of the event loop share one durable transaction; each runs in its own savepoint. */
export function createGroupCommit(transactor: Transactor, options: GroupCommitOptions): GroupCommit {
  const queue: QueuedWrite[] = []
  let scheduled = false

  function schedule(): void {
    if (scheduled || queue.length === 0) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      flush()
      schedule()
    })
  }

  function flush(): void {
    const group = queue.slice(0, options.maxBatch)
    if (group.length === 0) return
    for (const settle of commitGroup(group)) settle()
  }

  /** Takes from the queue what fits into one commit. */
  function commitGroup(group: readonly QueuedWrite[]): (() => void)[] {
    let taken = 0
    try {
      const settlers = transactor.run(() => {
        const deadline = performance.now() + options.maxGroupMs
        const settled: (() => void)[] = []
        for (const write of group) {
          taken += 1
          settled.push(write.attempt())
          if (performance.now() > deadline) break
        }
        return settled
      })
      queue.splice(0, taken)
      return [...settlers, () => options.onCommit(taken)]
    } catch (error) {
      const failed = queue.splice(0, taken === 0 ? group.length : taken) // None was taken when BEGIN itself failed.
      const reason = options.translate(error)
      return failed.map((write) => () => write.reject(reason))
    }
  }

  return {
    write: (work) =>
      new Promise((resolve, reject) => {
        queue.push({
          attempt() {
            const outcome = transactor.attempt(() => work(transactor.tx))
            if (outcome.kind === 'kept') return () => resolve(outcome.value)
            return () => reject(options.translate(outcome.error))
          },
          reject,
        })
        schedule()
      }),
    queued: () => queue.length,
    drain() {
      while (queue.length > 0) flush()
    },
  }
}

import { Worker } from 'node:worker_threads'
import type Sqlite from 'better-sqlite3'
import type { Logger } from '../base/log.ts'
import type { DatabaseOptions } from './database.ts'

/**
 * Moves the write-ahead log into the database on a thread of its own. SQLite would do it within a commit, and the event loop
 * would stand still for as long. It still does what is left when the log is long: nobody but the writer can begin it anew.
 */
export interface Checkpointer {
  /** After each commit; does nothing until there is enough to move. */
  onCommit(): void
  /** Waits for a move under way. Nothing holds the file open afterwards. */
  stop(): void
}

export interface CheckpointJob {
  path: string
  synchronous: DatabaseOptions['synchronous']
  /** One number: `IDLE` or `BUSY`. */
  state: Int32Array<SharedArrayBuffer>
}

export const IDLE = 0
export const BUSY = 1

/** Rows changed between two moves: some 500 events. A node that is hardly used does not have the thread. */
const CHANGED_ROWS = 1_000
/** A move takes a tenth of that, unless the disk is very slow; what it did not finish the next start does. */
const STOP_MS = 2_000

export function createCheckpointer(
  sqlite: Sqlite.Database,
  { synchronous, log }: Pick<CheckpointJob, 'synchronous'> & { log: Logger },
): Checkpointer {
  const state = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  const totalChanges = sqlite.prepare<[], number>('SELECT total_changes()').pluck()
  let worker: Worker | undefined
  let movedAt = 0

  function start(): Worker {
    const job: CheckpointJob = { path: sqlite.name, synchronous, state }
    const started = new Worker(new URL('./checkpoint-worker.ts', import.meta.url), { workerData: job })
    started.unref()
    started.once('error', (error) => {
      log.warn({ error }, 'The write-ahead log was not moved into the database; it is tried again')
      worker = undefined
      Atomics.store(state, 0, IDLE)
    })
    return started
  }

  return {
    onCommit() {
      if (Atomics.load(state, 0) === BUSY) return
      const changes = totalChanges.get() ?? 0
      if (changes - movedAt < CHANGED_ROWS) return
      movedAt = changes
      Atomics.store(state, 0, BUSY)
      try {
        worker ??= start()
        worker.postMessage('move')
      } catch (error) {
        log.warn({ error }, 'The write-ahead log was not moved into the database; it is tried again')
        Atomics.store(state, 0, IDLE)
      }
    },
    stop() {
      Atomics.wait(state, 0, BUSY, STOP_MS)
      void worker?.terminate()
    },
  }
}

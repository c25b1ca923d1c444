import { parentPort, workerData } from 'node:worker_threads'
import { type CheckpointJob, IDLE } from './checkpointer.ts'
import { openConnection, prepareForWriting } from './connection.ts'

// The thread behind `createCheckpointer`. It has a connection only while it works, so that the node can close at any time.

const port = parentPort
if (port === null) throw new Error('checkpoint-worker.ts runs as a worker thread')

const { path, synchronous, state } = workerData as CheckpointJob

port.on('message', () => {
  try {
    moveLog()
  } finally {
    Atomics.store(state, 0, IDLE)
    Atomics.notify(state, 0)
  }
})

/** PASSIVE neither waits for anybody nor makes anybody wait. */
function moveLog(): void {
  const sqlite = openConnection(path)
  try {
    // What reached the database must be on disk before the log is begun anew.
    prepareForWriting(sqlite, { synchronous })
    sqlite.pragma('wal_checkpoint(PASSIVE)')
  } finally {
    sqlite.close()
  }
}

import { parentPort, workerData } from 'node:worker_threads'
import { checkIntegrity } from './integrity.ts'

// The thread behind `startIntegrityCheck`: looks through one database, answers once, ends.

if (parentPort === null || typeof workerData !== 'string') {
  throw new Error('integrity-worker.ts runs as a worker thread')
}
parentPort.postMessage(checkIntegrity(workerData))

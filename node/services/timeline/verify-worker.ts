import { parentPort } from 'node:worker_threads'
import { checkText, type VerifyRequest } from './check-text.ts'

// One of the threads behind `createVerifier`: takes batches of texts, answers with one check per text, in order.

const port = parentPort
if (port === null) throw new Error('verify-worker.ts runs as a worker thread')

port.on('message', ({ id, guildId, texts }: VerifyRequest) => {
  port.postMessage({ id, checks: texts.map((text) => checkText(text, guildId)) })
})

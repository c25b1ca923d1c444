import { parentPort } from 'node:worker_threads'
import { checkText, type KnownKeys, type VerifyRequest } from './check-text.ts'

// One of the threads behind `createVerifier`: takes batches of texts, answers with one check per text, in order.

const port = parentPort
if (port === null) throw new Error('verify-worker.ts runs as a worker thread')

const keys: KnownKeys = new Map()

port.on('message', (request: VerifyRequest) => {
  for (const [name, publicKey] of request.newKeys) keys.set(name, publicKey)
  const checks = request.texts.map((text) => checkText(text, request.guildId, keys))
  port.postMessage({ id: request.id, checks })
})

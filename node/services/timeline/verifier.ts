import { Worker } from 'node:worker_threads'
import type { GuildId } from '../../base/ids.ts'
import { checkText, type TextCheck, type VerifyRequest } from './check-text.ts'

/** Checks texts off the event loop. One check per text, in order; the caller bounds how much it hands over. */
export interface Verifier {
  check(guildId: GuildId, texts: readonly string[]): Promise<TextCheck[]>
  /** Batches handed over and not answered yet. */
  pending(): number
  close(): Promise<void>
}

/** One task per text eats what a second core gains; 64 texts make a task of about 8 ms (docs/BENCHMARKS.md). */
const BATCH = 64
/** Fewer texts than this are checked at once: a hand-over costs as much as it saves. */
const INLINE = 2

interface Thread {
  worker: Worker
  waiting: Map<number, { resolve(checks: TextCheck[]): void; reject(error: Error): void }>
}

export function createVerifier(deps: { threads: number }): Verifier {
  const threads: Thread[] = []
  let nextId = 1
  let closed = false

  function startThread(): Thread {
    const worker = new Worker(new URL('./verify-worker.ts', import.meta.url))
    const thread: Thread = { worker, waiting: new Map() }
    worker.on('message', ({ id, checks }: { id: number; checks: TextCheck[] }) => {
      thread.waiting.get(id)?.resolve(checks)
      thread.waiting.delete(id)
      if (thread.waiting.size === 0) worker.unref()
    })
    worker.on('error', (error) => dropThread(thread, error))
    worker.unref()
    return thread
  }

  function dropThread(thread: Thread, error: Error): void {
    threads.splice(threads.indexOf(thread), 1)
    for (const { reject } of thread.waiting.values()) reject(error)
  }

  /** The least busy thread; threads start when there is work for them. */
  function chooseThread(): Thread {
    const idle = threads.find((thread) => thread.waiting.size === 0)
    if (idle !== undefined) return idle
    if (threads.length < deps.threads) {
      const started = startThread()
      threads.push(started)
      return started
    }
    return threads.reduce((least, thread) => (thread.waiting.size < least.waiting.size ? thread : least))
  }

  function runOnThread(guildId: GuildId, texts: readonly string[]): Promise<TextCheck[]> {
    const thread = chooseThread()
    const request: VerifyRequest = { id: nextId++, guildId, texts }
    return new Promise((resolve, reject) => {
      thread.waiting.set(request.id, { resolve, reject })
      thread.worker.ref()
      thread.worker.postMessage(request)
    })
  }

  async function checkBatch(guildId: GuildId, texts: readonly string[]): Promise<TextCheck[]> {
    if (texts.length > INLINE) return runOnThread(guildId, texts)
    return texts.map((text) => checkText(text, guildId))
  }

  return {
    async check(guildId, texts) {
      if (closed) throw new Error('The verifier is closed')
      const batches: Promise<TextCheck[]>[] = []
      for (let start = 0; start < texts.length; start += BATCH) {
        batches.push(checkBatch(guildId, texts.slice(start, start + BATCH)))
      }
      return (await Promise.all(batches)).flat()
    },
    pending: () => threads.reduce((total, thread) => total + thread.waiting.size, 0),
    async close() {
      closed = true
      await Promise.all(threads.map((thread) => thread.worker.terminate()))
      for (const thread of threads.splice(0)) {
        for (const { reject } of thread.waiting.values()) reject(new Error('The verifier is closed'))
      }
    },
  }
}

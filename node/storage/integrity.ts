import { performance } from 'node:perf_hooks'
import { Worker } from 'node:worker_threads'
import { messageOf } from '../base/errors.ts'
import { openReadOnly } from './connection.ts'
import { DatabaseUnavailable, translateFault } from './database-fault.ts'

/** What a look through the whole file found. */
export type Integrity =
  | { kind: 'sound'; durationMs: number }
  /** In SQLite's words, the first few. */
  | { kind: 'damaged'; problems: string[] }
  /** The check itself failed or was stopped. */
  | { kind: 'unchecked'; reason: string }

const MAX_PROBLEMS = 10

/**
 * Reads the whole database: pages and rows (`quick_check`), and the references between tables. Takes about 1 s per GB when
 * the file is cached, as long as the disk needs otherwise.
 */
export function checkIntegrity(path: string): Integrity {
  const started = performance.now()
  try {
    const problems = findProblems(path)
    if (problems.length > 0) return { kind: 'damaged', problems }
    return { kind: 'sound', durationMs: Math.round(performance.now() - started) }
  } catch (thrown) {
    const error = translateFault(thrown, path)
    const isDamage = error instanceof DatabaseUnavailable && error.fault !== 'in_use'
    return isDamage ? { kind: 'damaged', problems: [error.message] } : { kind: 'unchecked', reason: messageOf(error) }
  }
}

function findProblems(path: string): string[] {
  const sqlite = openReadOnly(path)
  try {
    const pages = sqlite.prepare<[], string>(`PRAGMA quick_check(${MAX_PROBLEMS})`).pluck().all()
    const dangling = sqlite.prepare<[], string>('SELECT DISTINCT "table" FROM pragma_foreign_key_check').pluck().all()
    return [
      ...pages.filter((line) => line !== 'ok'),
      ...dangling.map((table) => `rows of ${table} refer to rows that do not exist`),
    ]
  } finally {
    sqlite.close()
  }
}

export interface IntegrityCheck {
  /** Undefined while it runs. */
  found(): Integrity | undefined
  /** Never rejects. */
  readonly result: Promise<Integrity>
  /** Gives up on a check that is still running. */
  stop(): void
}

/** The same on a thread of its own with its own connection, while the node is already at work. */
export function startIntegrityCheck(path: string): IntegrityCheck {
  const worker = new Worker(new URL('./integrity-worker.ts', import.meta.url), { workerData: path })
  worker.unref()
  let found: Integrity | undefined
  const result = new Promise<Integrity>((resolve) => {
    worker.once('message', resolve)
    worker.once('error', (error) => resolve({ kind: 'unchecked', reason: messageOf(error) }))
    worker.once('exit', () => resolve({ kind: 'unchecked', reason: 'the check was stopped' }))
  }).then((integrity) => (found = integrity))
  return { found: () => found, result, stop: () => void worker.terminate() }
}

/** A check that was done at once. */
export function finishedCheck(integrity: Integrity): IntegrityCheck {
  return { found: () => integrity, result: Promise.resolve(integrity), stop() {} }
}

export function damaged(path: string, problems: readonly string[]): DatabaseUnavailable {
  return new DatabaseUnavailable('corrupt', `The database ${path} is damaged (${problems[0]})`)
}

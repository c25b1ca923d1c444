import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { messageOf } from '../base/errors.ts'
import { readPrivateFile, writePrivateFile } from './private-file.ts'

/** The data directory cannot be used; the message says why and what to do. */
export class DataDirError extends Error {
  readonly fault: 'in_use' | 'unusable'

  constructor(fault: 'in_use' | 'unusable', message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DataDirError'
    this.fault = fault
  }
}

/** Written by a running node: the base URL of its API. */
export const apiAddressPath = (directory: string): string => join(directory, 'api-address')

export interface DataDirLock {
  /** Safe to call twice. */
  release(): void
}

// @NOTE a handle nobody refers to is closed by the garbage collector, and its lock with it. The set belongs to the
// process as the locks do; nodes in one process do not see each other through it.
const held = new Set<Sqlite.Database>()

/**
 * Makes the directory if needed and takes it for this node alone. Throws `DataDirError`.
 *
 * The lock is SQLite's on an empty database: the system drops it with the process, also after kill -9, so there is no stale
 * lock to clear and no process id to mistake for another. `node.pid` beside it only tells people who holds it.
 */
export function lockDataDir(directory: string): DataDirLock {
  const pidFile = join(directory, 'node.pid')
  const lock = takeLock(directory, pidFile)
  held.add(lock)
  writePrivateFile(pidFile, `${process.pid}\n`)
  return {
    release() {
      if (!held.delete(lock)) return
      rmSync(pidFile, { force: true })
      lock.close()
    },
  }
}

function takeLock(directory: string, pidFile: string): Sqlite.Database {
  let lock: Sqlite.Database | undefined
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    lock = new Sqlite(join(directory, 'node.lock'), { timeout: 0 })
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (thrown) {
    lock?.close()
    throw isBusy(thrown) ? inUse(directory, readPrivateFile(pidFile)?.trim()) : unusable(directory, thrown)
  }
}

function isBusy(thrown: unknown): boolean {
  return thrown instanceof Sqlite.SqliteError && thrown.code.startsWith('SQLITE_BUSY')
}

function inUse(directory: string, pid: string | undefined): DataDirError {
  const holder = pid ? `the node with process id ${pid}` : 'another node'
  const remedy = 'Stop that one first, or give this one a directory of its own with --data-dir.'
  return new DataDirError('in_use', `The data directory ${directory} is in use by ${holder}. ${remedy}`)
}

function unusable(directory: string, thrown: unknown): DataDirError {
  const remedy = 'Check its rights and the disk, or choose another with --data-dir.'
  const message = `The data directory ${directory} cannot be used: ${messageOf(thrown)}. ${remedy}`
  return new DataDirError('unusable', message, { cause: thrown })
}

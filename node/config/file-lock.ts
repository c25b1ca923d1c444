import { closeSync, existsSync, openSync } from 'node:fs'
import Sqlite from 'better-sqlite3'

export interface FileLock {
  /** Safe to call twice. */
  release(): void
}

// @NOTE a handle nobody refers to is closed by the garbage collector, and its lock with it. The set belongs to the
// process as the locks do; nodes in one process do not see each other through it.
const held = new Set<Sqlite.Database>()

/**
 * Takes this file, made if needed, for one holder at a time; undefined when somebody has it. Throws what the system says
 * when the file cannot be made.
 *
 * The lock is SQLite's on an empty database: the system drops it with the process, also after kill -9, so there is no stale
 * lock to clear and no process id to mistake for another.
 */
export function tryLockFile(path: string): FileLock | undefined {
  let lock: Sqlite.Database | undefined
  try {
    // @NOTE never when it is there: closing a file drops every lock this process holds on it (POSIX).
    if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
    lock = new Sqlite(path, { timeout: 0 })
    lock.exec('BEGIN EXCLUSIVE')
  } catch (thrown) {
    lock?.close()
    if (isBusy(thrown)) return undefined
    throw thrown
  }
  held.add(lock)
  return {
    release() {
      if (held.delete(lock)) lock.close()
    },
  }
}

const isBusy = (thrown: unknown): boolean =>
  thrown instanceof Sqlite.SqliteError && thrown.code.startsWith('SQLITE_BUSY')

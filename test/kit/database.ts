import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '../../node/base/log.ts'
import type { Database } from '../../node/storage/database.ts'
import { openNodeDatabase } from '../../node/storage/open.ts'

export interface TestDatabase extends AsyncDisposable {
  readonly db: Database
  /** Closes and opens the same file again, as a restart does. */
  reopen(): Database
}

/** A database file of its own with the newest schema; `await using` closes and removes it. */
export async function openTestDatabase(options: { maxGroupMs?: number } = {}): Promise<TestDatabase> {
  const directory = await mkdtemp(join(tmpdir(), 'openguild-test-'))
  const path = join(directory, 'openguild.db')
  // What is queued together shares a commit, however busy the computer is.
  const { maxGroupMs = Infinity } = options
  const open = () => openNodeDatabase(path, { synchronous: 'normal', maxBatch: 256, maxGroupMs, log: silentLogger })
  let db = open()
  return {
    get db() {
      return db
    },
    reopen() {
      db.close()
      db = open()
      return db
    },
    async [Symbol.asyncDispose]() {
      db.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

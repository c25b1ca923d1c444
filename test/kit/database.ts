import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { openConnection, prepareForWriting } from '../../node/storage/connection.ts'
import { createDatabase, type Database } from '../../node/storage/database.ts'

const SCHEMA = new URL('../../migrations/0001-init.sql', import.meta.url)

export interface TestDatabase extends AsyncDisposable {
  readonly db: Database
  /** Closes and opens the same file again, as a restart does. */
  reopen(): Database
}

/** A database file of its own with the newest schema; `await using` closes and removes it. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const directory = await mkdtemp(join(tmpdir(), 'openguild-test-'))
  const path = join(directory, 'openguild.db')
  const empty = new Sqlite(path)
  empty.exec(readFileSync(SCHEMA, 'utf8'))
  empty.close()
  let db = open(path)
  return {
    get db() {
      return db
    },
    reopen() {
      db.close()
      db = open(path)
      return db
    },
    async [Symbol.asyncDispose]() {
      db.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

function open(path: string): Database {
  const sqlite = openConnection(path)
  prepareForWriting(sqlite, { synchronous: 'normal' })
  return createDatabase(sqlite, { maxBatch: 256 })
}

import Sqlite from 'better-sqlite3'
import { DatabaseUnavailable, translateFault } from './database-fault.ts'

/** Another program's short look at the file is waited for; the event loop stands still meanwhile. */
const BUSY_TIMEOUT_MS = 2_000

/** Opens an existing file and changes nothing in it yet: what it is has to be checked first. */
export function openConnection(path: string): Sqlite.Database {
  return open(path, { fileMustExist: true, timeout: BUSY_TIMEOUT_MS })
}

/** Opens an existing file for looking only; a running node may write to it meanwhile. */
export function openReadOnly(path: string): Sqlite.Database {
  return open(path, { fileMustExist: true, readonly: true, timeout: BUSY_TIMEOUT_MS })
}

function open(path: string, options: Sqlite.Options): Sqlite.Database {
  let sqlite: Sqlite.Database | undefined
  try {
    sqlite = new Sqlite(path, options)
    // The first read finds out whether the file is a database at all.
    sqlite.pragma('schema_version')
    return sqlite
  } catch (error) {
    sqlite?.close()
    throw translateFault(error, path)
  }
}

/** Sets a connection up so that what it commits is durable and readers never wait. */
export function prepareForWriting(sqlite: Sqlite.Database, { synchronous }: { synchronous: 'full' | 'normal' }): void {
  const mode = sqlite.pragma('journal_mode = WAL', { simple: true })
  if (mode !== 'wal') {
    throw new DatabaseUnavailable(
      'no_log_support',
      `The file system of ${sqlite.name} cannot hold a write-ahead log (network folders often cannot); choose a local --data-dir`,
    )
  }
  sqlite.pragma(`synchronous = ${synchronous}`)
  // On macOS a plain fsync leaves data in the drive's cache; elsewhere these two change nothing.
  sqlite.pragma('fullfsync = ON')
  sqlite.pragma('checkpoint_fullfsync = ON')
  sqlite.pragma('foreign_keys = ON')
  sqlite.pragma('wal_autocheckpoint = 10000')
}

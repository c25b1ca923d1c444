import Sqlite from 'better-sqlite3'
import { AppError, messageOf } from '../base/errors.ts'

/** Why a database cannot be used, so that tools and tests need not read the sentence. */
export type DatabaseFault =
  | 'in_use'
  | 'no_directory'
  | 'no_permission'
  | 'read_only'
  | 'not_a_database'
  | 'other_program'
  | 'other_node'
  | 'corrupt'
  | 'incomplete'
  | 'log_damaged'
  | 'newer'
  | 'migration_changed'
  | 'migration_failed'
  | 'no_log_support'
  | 'unreadable'

/** The database cannot be opened or used. The message names the file and says what to do. */
export class DatabaseUnavailable extends AppError {
  readonly fault: DatabaseFault

  constructor(fault: DatabaseFault, message: string, cause?: unknown) {
    super('database_unavailable', message, { cause })
    this.fault = fault
  }
}

/** SQLite codes of writes that failed for want of space; a full disk shows in any of them. */
const FULL = new Set([
  'SQLITE_FULL',
  'SQLITE_IOERR_WRITE',
  'SQLITE_IOERR_FSYNC',
  'SQLITE_IOERR_SHMSIZE',
  'SQLITE_IOERR_TRUNCATE',
])

/** Turns what SQLite throws into what callers can act on. Everything else is given back as it is. */
export function translateFault(thrown: unknown, path: string): unknown {
  if (!(thrown instanceof Sqlite.SqliteError)) return thrown
  const { code } = thrown
  if (FULL.has(code)) {
    const message = `The disk cannot take more data (${messageOf(thrown)}); free some space where ${path} is`
    return new AppError('storage_full', message, { cause: thrown })
  }
  const [fault, sentence] = describe(code, path) ?? []
  if (fault === undefined || sentence === undefined) return thrown
  return new DatabaseUnavailable(fault, `${sentence} (${messageOf(thrown)})`, thrown)
}

function describe(code: string, path: string): [DatabaseFault, string] | undefined {
  if (code === 'SQLITE_NOTADB') return ['not_a_database', `${path} is not a database, or its first bytes are damaged`]
  if (code.startsWith('SQLITE_CORRUPT')) return ['corrupt', `The database ${path} is damaged`]
  if (code.startsWith('SQLITE_BUSY')) return ['in_use', `Another program is using the database ${path}`]
  if (code.startsWith('SQLITE_READONLY')) return ['read_only', `The database ${path} cannot be written`]
  if (code.startsWith('SQLITE_CANTOPEN')) return ['no_permission', `The database ${path} cannot be opened`]
  if (code.startsWith('SQLITE_IOERR')) return ['unreadable', `The disk fails to read or lock ${path}; check it`]
  return undefined
}

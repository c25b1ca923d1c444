import { statSync } from 'node:fs'
import type Sqlite from 'better-sqlite3'
import { createCheckpointer } from './checkpointer.ts'
import { openConnection, openReadOnly, prepareForWriting } from './connection.ts'
import { createDatabase, type DatabaseOptions, type DatabaseReader } from './database.ts'
import { DatabaseUnavailable, translateFault } from './database-fault.ts'
import { checkFiles } from './file-checks.ts'
import { checkIntegrity, damaged, finishedCheck, type IntegrityCheck, startIntegrityCheck } from './integrity.ts'
import { checkSchema, createDatabaseFile, migrate, restoreHint } from './migrate.ts'
import { type Migration, MIGRATIONS_DIRECTORY, readMigrations } from './migrations.ts'
import { isMarkedRunning, type NodeDatabase, ownerOf, runDatabase, type RunOptions } from './node-database.ts'

export interface OpenOptions extends DatabaseOptions, Pick<RunOptions, 'log' | 'owner'> {
  /** For tests; the program's own otherwise. */
  migrations?: readonly Migration[]
  /** Up to this size the check after an unclean stop is done before the database is given out. */
  checkAtOnceBytes?: number
}

/** Checked in about 0.1 s. Most nodes are smaller, and so never write onto damage. */
const CHECK_AT_ONCE_BYTES = 128 * 1024 * 1024

/**
 * Opens the database of a node: 1. the files beside each other  2. made when there is none  3. ours, and not newer than we
 * are  4. looked through after an unclean stop  5. migrated  6. marked as running until `close`. Never replaces what it
 * cannot read. The caller holds the lock of the file: a second writer would not be seen by the node's caches. Throws
 * `DatabaseUnavailable`, `storage_full`.
 */
export function openNodeDatabase(path: string, options: OpenOptions): NodeDatabase {
  try {
    return open(path, options)
  } catch (error) {
    throw withAdvice(translateFault(error, path), path)
  }
}

/** Opens a database for tools that only look, also while a node is using it or when it is damaged. */
export function openDatabaseReader(path: string): DatabaseReader {
  return createDatabase(openReadOnly(path), { maxBatch: 1 })
}

function open(path: string, options: OpenOptions): NodeDatabase {
  const migrations = options.migrations ?? readMigrations(MIGRATIONS_DIRECTORY)
  const state = checkFiles(path) // 1
  const created = state === 'absent' ? createDatabaseFile(path, migrations) : undefined // 2
  const found = inspect(path, migrations, options.owner) // 3
  const lastStop = created ? 'new' : found.lastStop
  // A large database is looked through while the node starts, unless it is to be migrated.
  const sizeLimit = found.version < migrations.length ? Infinity : (options.checkAtOnceBytes ?? CHECK_AT_ONCE_BYTES)
  const check = lastStop === 'unclean' ? beginCheck(path, sizeLimit) : undefined // 4

  const sqlite = openConnection(path)
  try {
    prepareForWriting(sqlite, options)
    const migration = created ?? migrate(sqlite, migrations) // 5
    const checkpointer = createCheckpointer(sqlite, options)
    const db = createDatabase(sqlite, { ...options, onCommit: checkpointer.onCommit })
    return runDatabase(db, { ...options, lastStop, migration, check, checkpointer }) // 6
  } catch (error) {
    check?.stop()
    sqlite.close()
    throw error
  }
}

interface Found {
  version: number
  lastStop: 'clean' | 'unclean'
}

function inspect(path: string, migrations: readonly Migration[], owner: string | undefined): Found {
  const reader = openReadOnly(path)
  try {
    const version = checkSchema(reader, migrations)
    checkOwner(reader, owner)
    return { version, lastStop: isMarkedRunning(reader) ? 'unclean' : 'clean' }
  } finally {
    reader.close()
  }
}

/** A node that wrote into another's log would be signing its own events among those of somebody else. */
function checkOwner(reader: Sqlite.Database, owner: string | undefined): void {
  const found = ownerOf(reader)
  if (owner === undefined || found === undefined || found === owner) return
  throw new DatabaseUnavailable(
    'other_node',
    `The database ${reader.name} belongs to the node ${found}, and this one is ${owner}: identity and database come from ` +
      'two nodes. Use those that belong together',
  )
}

function beginCheck(path: string, checkAtOnceBytes: number): IntegrityCheck {
  if (statSync(path).size > checkAtOnceBytes) return startIntegrityCheck(path)
  const result = checkIntegrity(path)
  if (result.kind === 'damaged') throw damaged(path, result.problems)
  return finishedCheck(result)
}

/** Refusals that leave the user with a damaged file say how to get out of it. */
function withAdvice(error: unknown, path: string): unknown {
  const isDamage =
    error instanceof DatabaseUnavailable && (error.fault === 'corrupt' || error.fault === 'not_a_database')
  if (!isDamage) return error
  return new DatabaseUnavailable(
    error.fault,
    `${error.message}. Keep a copy of it, save what can still be read with "openguild export-events"${restoreHint(path)}`,
    error,
  )
}

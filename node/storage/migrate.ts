import { closeSync, openSync, renameSync, rmSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import { messageOf } from '../base/errors.ts'
import { DatabaseUnavailable, translateFault } from './database-fault.ts'
import type { Migration } from './migrations.ts'
import { listSnapshots, writeSnapshot } from './snapshot.ts'

export interface MigrationReport {
  /** Schema version found; 0 when the database is new. */
  from: number
  to: number
  /** The database as it was before, when it held anything. */
  snapshot?: string
}

/** "OGLD" in `PRAGMA application_id`: tells our databases from those of other programs. */
const APPLICATION_ID = 0x4f_47_4c_44

/**
 * Makes a new database at the newest schema. It is built under another name, so a file that stands under `path` is never
 * a half-made one: an empty file found there later has lost its content.
 */
export function createDatabaseFile(path: string, migrations: readonly Migration[]): MigrationReport {
  const unfinished = `${path}.unfinished`
  for (const leftover of [unfinished, `${unfinished}-journal`]) rmSync(leftover, { force: true })
  try {
    // Password hashes and private messages: for the owner's eyes only. SQLite gives its other files the same mode.
    closeSync(openSync(unfinished, 'wx', 0o600))
    const sqlite = new Sqlite(unfinished)
    try {
      sqlite.pragma(`application_id = ${APPLICATION_ID}`)
      for (const migration of migrations) applyMigration(sqlite, migration)
    } finally {
      sqlite.close()
    }
    renameSync(unfinished, path)
  } catch (error) {
    rmSync(unfinished, { force: true })
    throw translateFault(error, path)
  }
  return { from: 0, to: migrations.length }
}

/** Whether an existing database can be used by this program, and what its schema version is. Changes nothing. */
export function checkSchema(sqlite: Sqlite.Database, migrations: readonly Migration[]): number {
  const version = readNumber(sqlite, 'user_version')
  if (version === 0 || readNumber(sqlite, 'application_id') !== APPLICATION_ID) throw notOurs(sqlite)
  if (version > migrations.length) throw newer(sqlite, version, migrations.length)
  for (const migration of migrations.slice(0, version)) checkUnchanged(sqlite, migration)
  return version
}

/** Brings a database that passed `checkSchema` to the newest schema; writes a snapshot first when there is something to do. */
export function migrate(sqlite: Sqlite.Database, migrations: readonly Migration[]): MigrationReport {
  const from = checkSchema(sqlite, migrations)
  const pending = migrations.slice(from)
  if (pending.length === 0) return { from, to: from }
  const snapshot = snapshotBefore(sqlite, from + 1)
  for (const migration of pending) applyMigration(sqlite, migration)
  return { from, to: migrations.length, snapshot }
}

/** One exclusive transaction; a failure leaves the database as it was. */
function applyMigration(sqlite: Sqlite.Database, migration: Migration): void {
  // Off while tables are rebuilt, and it cannot be changed inside a transaction; checked as a whole before the commit.
  sqlite.pragma('foreign_keys = OFF')
  try {
    sqlite.exec('BEGIN EXCLUSIVE')
    sqlite.exec(migration.sql)
    if (!sqlite.inTransaction) throw new Error('it ends the transaction it runs in')
    const dangling = sqlite.pragma('foreign_key_check')
    if (Array.isArray(dangling) && dangling.length > 0) throw new Error('it leaves references to missing rows')
    sqlite.prepare('INSERT INTO meta (key, value) VALUES (?, ?)').run(checksumKey(migration), migration.checksum)
    sqlite.pragma(`user_version = ${migration.version}`)
    sqlite.exec('COMMIT')
  } catch (error) {
    if (sqlite.inTransaction) sqlite.exec('ROLLBACK')
    throw migrationFailed(sqlite, migration, error)
  } finally {
    sqlite.pragma('foreign_keys = ON')
  }
}

function snapshotBefore(sqlite: Sqlite.Database, version: number): string {
  try {
    return writeSnapshot(sqlite, version)
  } catch (error) {
    const message = `The snapshot before migration ${version} of ${sqlite.name} could not be written (${messageOf(error)})`
    throw new DatabaseUnavailable(
      'migration_failed',
      `${message}; nothing was changed. It needs as much free space as the database has`,
      error,
    )
  }
}

function checkUnchanged(sqlite: Sqlite.Database, migration: Migration): void {
  const recorded = sqlite.prepare('SELECT value FROM meta WHERE key = ?').pluck().get(checksumKey(migration))
  if (recorded === migration.checksum) return
  throw new DatabaseUnavailable(
    'migration_changed',
    `${sqlite.name} was made with another text of ${migration.name} than the one here. A released migration is never ` +
      'edited: use the program that made the database, or put the file back and add a new migration',
  )
}

const checksumKey = (migration: Migration): string => `migration.${migration.version}`

const readNumber = (sqlite: Sqlite.Database, pragma: string): number => Number(sqlite.pragma(pragma, { simple: true }))

function notOurs(sqlite: Sqlite.Database): DatabaseUnavailable {
  return new DatabaseUnavailable(
    'other_program',
    `${sqlite.name} is no OpenGuild database, or has lost its content. Move it away to start anew${restoreHint(sqlite.name)}`,
  )
}

function newer(sqlite: Sqlite.Database, version: number, known: number): DatabaseUnavailable {
  return new DatabaseUnavailable(
    'newer',
    `${sqlite.name} has schema version ${version}, this program knows up to ${known}. ` +
      `Install the newer OpenGuild again${restoreHint(sqlite.name, known)}`,
  )
}

function migrationFailed(sqlite: Sqlite.Database, migration: Migration, error: unknown): unknown {
  const known = translateFault(error, sqlite.name)
  if (known !== error) return known
  return new DatabaseUnavailable(
    'migration_failed',
    `Migration ${migration.name} of ${sqlite.name} failed (${messageOf(error)}); the database is as it was before it`,
    error,
  )
}

/** Names the newest snapshot a program can use that knows the schema up to `known`. */
export function restoreHint(path: string, known = Infinity): string {
  const usable = listSnapshots(path).find((snapshot) => snapshot.before <= known + 1)
  return usable === undefined ? '' : `, or put the snapshot ${usable.path} in its place (what came after it is lost)`
}

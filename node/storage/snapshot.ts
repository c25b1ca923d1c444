import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type Sqlite from 'better-sqlite3'

/** Each may be as large as the database. */
const KEPT_SNAPSHOTS = 3

interface Snapshot {
  path: string
  /** The migration it was written before. */
  before: number
}

/** Snapshots beside a database, newest schema first. */
export function listSnapshots(databasePath: string): Snapshot[] {
  const start = `${basename(databasePath)}.before-`
  const directory = dirname(databasePath)
  return readdirSync(directory)
    .filter((name) => name.startsWith(start) && /^\d+\.snapshot$/.test(name.slice(start.length)))
    .map((name) => ({ path: join(directory, name), before: Number.parseInt(name.slice(start.length), 10) }))
    .sort((left, right) => right.before - left.before)
}

/** Writes a copy that stands on its own beside the database, and drops old ones. Gives its path. */
export function writeSnapshot(sqlite: Sqlite.Database, before: number): string {
  const path = `${sqlite.name}.before-${before}.snapshot`
  const unfinished = `${path}.unfinished`
  try {
    rmSync(unfinished, { force: true })
    closeSync(openSync(unfinished, 'wx', 0o600)) // SQLite takes an empty file; one it makes itself others could read.
    sqlite.prepare('VACUUM INTO ?').run(unfinished)
    flushFile(unfinished)
    renameSync(unfinished, path)
  } catch (error) {
    rmSync(unfinished, { force: true })
    throw error
  }
  for (const old of listSnapshots(sqlite.name).slice(KEPT_SNAPSHOTS)) rmSync(old.path)
  return path
}

function flushFile(path: string): void {
  const file = openSync(path, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

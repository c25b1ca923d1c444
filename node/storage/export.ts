import type { DatabaseReader, ReadTx } from './database.ts'
import { DatabaseUnavailable } from './database-fault.ts'
import { latestStream } from './events.ts'
import { openDatabaseReader } from './open.ts'

export interface ExportSummary {
  exported: number
  /** Places in the log that damage keeps from being read. */
  unreadable: number
}

interface ExportedRow {
  stream: number
  body: string
}

const PAGE = 256

/**
 * All events of a database file as received, one JSON text each, oldest first: what `receive` of another node takes.
 * Works beside a running node. Passes over what damage makes unreadable and counts it. Throws `DatabaseUnavailable` when
 * the file cannot be read at all.
 */
export function* exportEvents(path: string): Generator<string, ExportSummary, void> {
  const db = openDatabaseReader(path)
  let exported = 0
  let highest = 0
  try {
    const latest = orUndefined(() => db.read(latestStream)) ?? Infinity
    for (let after = 0; after < latest; after += PAGE) {
      const rows = readPage(db, after)
      if (rows.length === 0 && latest === Infinity) break
      exported += rows.length
      highest = rows.at(-1)?.stream ?? highest
      for (const row of rows) yield row.body
    }
    // Streams have no gaps, and SQLite passes over some damage in silence: what is not there was lost.
    return { exported, unreadable: (Number.isFinite(latest) ? latest : highest) - exported }
  } finally {
    db.close()
  }
}

/** Row by row where damage keeps the page from being read as a whole. */
function readPage(db: DatabaseReader, after: number): ExportedRow[] {
  const rows = orUndefined(() => db.read((tx) => listBodies(tx, after, after + PAGE)))
  if (rows !== undefined) return rows
  const places = Array.from({ length: PAGE }, (_, index) => after + index)
  return places.flatMap((place) => orUndefined(() => db.read((tx) => listBodies(tx, place, place + 1))) ?? [])
}

function listBodies(tx: ReadTx, after: number, last: number): ExportedRow[] {
  return tx.all('SELECT stream, body FROM events WHERE stream > ? AND stream <= ? ORDER BY stream', after, last)
}

/** Undefined when damage is in the way. */
function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof DatabaseUnavailable && error.fault !== 'in_use') return undefined
    throw error
  }
}

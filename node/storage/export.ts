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
  const summary = { exported: 0, unreadable: 0 }
  try {
    const latest = orUndefined(() => db.read(latestStream)) ?? Infinity
    for (let after = 0; after < latest; after += PAGE) {
      const page = readPage(db, after)
      if (page.rows.length === 0 && latest === Infinity) break
      summary.exported += page.rows.length
      summary.unreadable += page.unreadable
      for (const row of page.rows) yield row.body
    }
    return summary
  } finally {
    db.close()
  }
}

function readPage(db: DatabaseReader, after: number): { rows: ExportedRow[]; unreadable: number } {
  const rows = orUndefined(() => db.read((tx) => listBodies(tx, after, after + PAGE)))
  if (rows !== undefined) return { rows, unreadable: 0 }
  const places = Array.from({ length: PAGE }, (_, index) => after + index)
  const single = places.map((place) => orUndefined(() => db.read((tx) => listBodies(tx, place, place + 1))))
  return { rows: single.flatMap((found) => found ?? []), unreadable: single.filter((found) => !found).length }
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

import type { EventId } from '../base/ids.ts'
import type { ReadTx, WriteTx } from './database.ts'

/** One row of the log. `logId` names guild and origin (see `logs.ts`). */
export interface EventRow {
  stream: number
  eventId: EventId
  logId: number
  position: number
  roomId: string
  eventType: string
  originTs: number
  isLaw: boolean
  refusal: string | null
  sequence: number | null
  body: string
}

interface RawEventRow {
  stream: number
  event_id: string
  log_id: number
  position: number
  room_id: string
  event_type: string
  origin_ts: number
  is_law: number
  refusal: string | null
  sequence: number | null
  body: string
}

const COLUMNS = 'stream, event_id, log_id, position, room_id, event_type, origin_ts, is_law, refusal, sequence, body'

function toEventRow(row: RawEventRow): EventRow {
  return {
    stream: row.stream,
    eventId: row.event_id as EventId,
    logId: row.log_id,
    position: row.position,
    roomId: row.room_id,
    eventType: row.event_type,
    originTs: row.origin_ts,
    isLaw: row.is_law === 1,
    refusal: row.refusal,
    sequence: row.sequence,
    body: row.body,
  }
}

/** Gives the stream of the new row. */
export function insertEvent(tx: WriteTx, event: Omit<EventRow, 'stream'>): number {
  return tx.run(
    `INSERT INTO events (event_id, log_id, position, room_id, event_type, origin_ts, is_law, refusal, sequence, body)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    event.eventId,
    event.logId,
    event.position,
    event.roomId,
    event.eventType,
    event.originTs,
    event.isLaw ? 1 : 0,
    event.refusal,
    event.sequence,
    event.body,
  ).rowId
}

/** What follows from the log alone and may be rebuilt from it. */
export function updateEventProjection(
  tx: WriteTx,
  stream: number,
  { refusal, sequence }: Pick<EventRow, 'refusal' | 'sequence'>,
): void {
  tx.run('UPDATE events SET refusal = ?, sequence = ? WHERE stream = ?', refusal, sequence, stream)
}

export function findEvent(tx: ReadTx, eventId: string): EventRow | undefined {
  const row = tx.get<RawEventRow>(`SELECT ${COLUMNS} FROM events WHERE event_id = ?`, eventId)
  return row && toEventRow(row)
}

export function hasEvent(tx: ReadTx, eventId: string): boolean {
  return tx.get('SELECT 1 FROM events WHERE event_id = ?', eventId) !== undefined
}

export function listEventsAfter(tx: ReadTx, stream: number, limit: number): EventRow[] {
  return tx
    .all<RawEventRow>(`SELECT ${COLUMNS} FROM events WHERE stream > ? ORDER BY stream LIMIT ?`, stream, limit)
    .map(toEventRow)
}

/** One log in chain order, after a position. Forks would share positions: see `listLogArrivals`. */
export function listLogChain(tx: ReadTx, logId: number, position: number, limit: number): EventRow[] {
  return tx
    .all<RawEventRow>(
      `SELECT ${COLUMNS} FROM events WHERE log_id = ? AND position > ? ORDER BY position LIMIT ?`,
      logId,
      position,
      limit,
    )
    .map(toEventRow)
}

/** One log in order of arrival: of all its forks, parents before children. */
export function listLogArrivals(tx: ReadTx, logId: number, stream: number, limit: number): EventRow[] {
  // The plus keeps SQLite from sorting the whole log for each page.
  return tx
    .all<RawEventRow>(
      `SELECT ${COLUMNS} FROM events WHERE +log_id = ? AND stream > ? ORDER BY stream LIMIT ?`,
      logId,
      stream,
      limit,
    )
    .map(toEventRow)
}

/** Law events of all guilds in order of arrival. */
export function listLawEvents(tx: ReadTx, logIds: readonly number[]): EventRow[] {
  return tx
    .all<RawEventRow>(
      // Left to itself SQLite prefers the index by log, and so reads every message to find the law among them.
      `SELECT ${COLUMNS} FROM events INDEXED BY events_law
       WHERE is_law = 1 AND log_id IN (SELECT value FROM json_each(?)) ORDER BY stream`,
      JSON.stringify(logIds),
    )
    .map(toEventRow)
}

export function listEventsAtPosition(tx: ReadTx, logId: number, position: number): EventRow[] {
  return tx
    .all<RawEventRow>(`SELECT ${COLUMNS} FROM events WHERE log_id = ? AND position = ?`, logId, position)
    .map(toEventRow)
}

/** Newest `limit` shown events of a channel, ascending. */
export function listNewestShown(tx: ReadTx, channelId: string, limit: number): EventRow[] {
  return tx
    .all<RawEventRow>(
      `SELECT ${COLUMNS} FROM events WHERE room_id = ? AND sequence IS NOT NULL ORDER BY sequence DESC LIMIT ?`,
      channelId,
      limit,
    )
    .reverse()
    .map(toEventRow)
}

/** Oldest `limit` shown events of a channel after a sequence, ascending. */
export function listShownAfter(tx: ReadTx, channelId: string, sequence: number, limit: number): EventRow[] {
  return tx
    .all<RawEventRow>(
      `SELECT ${COLUMNS} FROM events WHERE room_id = ? AND sequence > ? ORDER BY sequence LIMIT ?`,
      channelId,
      sequence,
      limit,
    )
    .map(toEventRow)
}

/** Highest sequence given out in a channel, 0 when none. */
export function latestSequence(tx: ReadTx, channelId: string): number {
  const row = tx.get<{ latest: number | null }>(
    'SELECT max(sequence) AS latest FROM events WHERE room_id = ? AND sequence IS NOT NULL',
    channelId,
  )
  return row?.latest ?? 0
}

export function latestStream(tx: ReadTx): number {
  return tx.get<{ latest: number | null }>('SELECT max(stream) AS latest FROM events')?.latest ?? 0
}

export function countEvents(tx: ReadTx, logIds: readonly number[]): number {
  const row = tx.get<{ total: number }>(
    'SELECT count(*) AS total FROM events WHERE log_id IN (SELECT value FROM json_each(?))',
    JSON.stringify(logIds),
  )
  return row?.total ?? 0
}

interface RawTip {
  event_id: string
  position: number
}

/** Events of a log without a successor in it: more than one once the log is equivocated. */
export function listForkTips(tx: ReadTx, logId: number): { eventId: EventId; position: number }[] {
  return tx
    .all<RawTip>(
      `SELECT event_id, position FROM events WHERE log_id = ? AND event_id NOT IN (
         SELECT coalesce(json_extract(body, '$.prev_events[0]'), '') FROM events WHERE log_id = ?)`,
      logId,
      logId,
    )
    .map((row) => ({ eventId: row.event_id as EventId, position: row.position }))
}

/** The chains of an equivocated log that end in `tips`: what the holder of these tips has of it. */
export function listChains(tx: ReadTx, logId: number, tips: readonly string[]): Set<string> {
  const rows = tx.all<{ event_id: string }>(
    `WITH RECURSIVE chain (event_id, position) AS (
       SELECT event_id, position FROM events WHERE log_id = ? AND event_id IN (SELECT value FROM json_each(?))
       UNION
       SELECT parent.event_id, parent.position FROM chain
         JOIN events AS child ON child.event_id = chain.event_id
         JOIN events AS parent ON parent.event_id = json_extract(child.body, '$.prev_events[0]')
        WHERE chain.position > 1
     ) SELECT event_id FROM chain`,
    logId,
    JSON.stringify(tips),
  )
  return new Set(rows.map((row) => row.event_id))
}

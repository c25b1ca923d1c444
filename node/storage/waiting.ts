import type { EventId, GuildId, ServerName } from '../base/ids.ts'
import type { ReadTx, WriteTx } from './database.ts'

/** Names one waiting event: its id covers no signature, so copies signed with other keys may wait beside it. */
export interface WaitingCopy {
  eventId: EventId
  keyId: string
}

/** An event with right bytes that cannot be placed yet. */
export interface WaitingEvent extends WaitingCopy {
  guildId: GuildId
  origin: ServerName
  fromPeer: ServerName
  receivedAt: number
  body: string
}

interface RawWaitingRow {
  event_id: string
  key_id: string
  guild_id: string
  origin: string
  from_peer: string
  received_at: number
  body: string
}

function toWaitingEvent(row: RawWaitingRow): WaitingEvent {
  return {
    eventId: row.event_id as EventId,
    keyId: row.key_id,
    guildId: row.guild_id as GuildId,
    origin: row.origin as ServerName,
    fromPeer: row.from_peer as ServerName,
    receivedAt: row.received_at,
    body: row.body,
  }
}

export function insertWaiting(tx: WriteTx, event: WaitingEvent): void {
  tx.run(
    `INSERT INTO waiting_events (event_id, key_id, guild_id, origin, from_peer, received_at, body)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    event.eventId,
    event.keyId,
    event.guildId,
    event.origin,
    event.fromPeer,
    event.receivedAt,
    event.body,
  )
}

export function isWaiting(tx: ReadTx, { eventId, keyId }: WaitingCopy): boolean {
  return tx.get('SELECT 1 FROM waiting_events WHERE event_id = ? AND key_id = ?', eventId, keyId) !== undefined
}

/** The event waits for exactly these from now on. */
export function replaceWaitingFor(tx: WriteTx, { eventId, keyId }: WaitingCopy, missing: readonly string[]): void {
  tx.run('DELETE FROM waiting_for WHERE event_id = ? AND key_id = ?', eventId, keyId)
  for (const id of missing) {
    tx.run('INSERT INTO waiting_for (missing, event_id, key_id) VALUES (?, ?, ?)', id, eventId, keyId)
  }
}

export type WaitingOwner = Pick<WaitingEvent, 'guildId' | 'fromPeer'>

/** Gives whose event it was; undefined when it did not wait. */
export function deleteWaiting(tx: WriteTx, { eventId, keyId }: WaitingCopy): WaitingOwner | undefined {
  const row = tx.get<RawOwnerRow>(
    'DELETE FROM waiting_events WHERE event_id = ? AND key_id = ? RETURNING guild_id, from_peer',
    eventId,
    keyId,
  )
  return row && toOwner(row)
}

/** Deletes an event with all its copies. Gives whose they were. */
export function deleteWaitingCopies(tx: WriteTx, eventId: EventId): WaitingOwner[] {
  return tx
    .all<RawOwnerRow>('DELETE FROM waiting_events WHERE event_id = ? RETURNING guild_id, from_peer', eventId)
    .map(toOwner)
}

type RawOwnerRow = Pick<RawWaitingRow, 'guild_id' | 'from_peer'>

const toOwner = (row: RawOwnerRow): WaitingOwner => ({
  guildId: row.guild_id as GuildId,
  fromPeer: row.from_peer as ServerName,
})

/** Events that are held although others still wait for them. */
export function listArrived(tx: ReadTx): EventId[] {
  return tx
    .all<{ missing: string }>('SELECT DISTINCT missing FROM waiting_for JOIN events ON events.event_id = missing')
    .map((row) => row.missing as EventId)
}

/** Events that wait for this and for nothing else, at most `limit`. */
export function listWaitingOnlyFor(tx: ReadTx, missing: string, limit: number): WaitingEvent[] {
  return tx
    .all<RawWaitingRow>(
      `SELECT w.* FROM waiting_for AS f JOIN waiting_events AS w USING (event_id, key_id)
       WHERE f.missing = ?
         AND NOT EXISTS (
           SELECT 1 FROM waiting_for AS o WHERE o.event_id = f.event_id AND o.key_id = f.key_id AND o.missing <> ?
         )
       LIMIT ?`,
      missing,
      missing,
      limit,
    )
    .map(toWaitingEvent)
}

/** What has arrived is waited for no longer. */
export function deleteWaitingFor(tx: WriteTx, missing: string): void {
  tx.run('DELETE FROM waiting_for WHERE missing = ?', missing)
}

/** Keys `time:<origin_ts>` that are due. */
export function listDueTimes(tx: ReadTx, latestTs: number): string[] {
  return tx
    .all<{ missing: string }>(
      `SELECT DISTINCT missing FROM waiting_for
       WHERE missing LIKE 'time:%' AND CAST(substr(missing, 6) AS INTEGER) <= ?`,
      latestTs,
    )
    .map((row) => row.missing)
}

/** The earliest time an event of the guild waits for; undefined when none waits for its time. */
export function earliestDueTime(tx: ReadTx, guildId: GuildId): number | undefined {
  const row = tx.get<{ earliest: number | null }>(
    `SELECT min(CAST(substr(f.missing, 6) AS INTEGER)) AS earliest
       FROM waiting_for AS f JOIN waiting_events AS w USING (event_id, key_id)
      WHERE w.guild_id = ? AND f.missing LIKE 'time:%'`,
    guildId,
  )
  return row?.earliest ?? undefined
}

export function countWaitingByGuild(tx: ReadTx): Map<string, number> {
  const rows = tx.all<{ guild_id: string; total: number }>(
    'SELECT guild_id, count(*) AS total FROM waiting_events GROUP BY guild_id',
  )
  return new Map(rows.map((row) => [row.guild_id, row.total]))
}

export function countWaitingByPeer(tx: ReadTx): Map<string, number> {
  const rows = tx.all<{ from_peer: string; total: number }>(
    'SELECT from_peer, count(*) AS total FROM waiting_events GROUP BY from_peer',
  )
  return new Map(rows.map((row) => [row.from_peer, row.total]))
}

export function deleteWaitingBefore(tx: WriteTx, receivedAt: number): void {
  tx.run('DELETE FROM waiting_events WHERE received_at < ?', receivedAt)
}

/** What the waiting events of a guild wait for, most wanted first. */
export function listMissing(tx: ReadTx, guildId: GuildId, limit: number): string[] {
  return tx
    .all<{ missing: string }>(
      `SELECT f.missing FROM waiting_for AS f JOIN waiting_events AS w USING (event_id, key_id)
       WHERE w.guild_id = ? GROUP BY f.missing ORDER BY count(*) DESC LIMIT ?`,
      guildId,
      limit,
    )
    .map((row) => row.missing)
}

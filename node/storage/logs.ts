import type { EventId, GuildId, ServerName } from '../base/ids.ts'
import type { ReadTx, WriteTx } from './database.ts'

/** The log of one origin in one guild, and where it ends here. */
export interface LogRow {
  logId: number
  guildId: GuildId
  origin: ServerName
  tipPosition: number
  tipEventId: EventId
  /** An event of another origin links to the tip, so it is no head of the graph. */
  tipCovered: boolean
  equivocated: boolean
}

interface RawLogRow {
  log_id: number
  guild_id: string
  origin: string
  tip_position: number
  tip_event_id: string
  tip_covered: number
  equivocated: number
}

function toLogRow(row: RawLogRow): LogRow {
  return {
    logId: row.log_id,
    guildId: row.guild_id as GuildId,
    origin: row.origin as ServerName,
    tipPosition: row.tip_position,
    tipEventId: row.tip_event_id as EventId,
    tipCovered: row.tip_covered === 1,
    equivocated: row.equivocated === 1,
  }
}

export function listLogs(tx: ReadTx): LogRow[] {
  return tx.all<RawLogRow>('SELECT * FROM logs ORDER BY log_id').map(toLogRow)
}

export function listGuildLogs(tx: ReadTx, guildId: GuildId): LogRow[] {
  return tx.all<RawLogRow>('SELECT * FROM logs WHERE guild_id = ? ORDER BY log_id', guildId).map(toLogRow)
}

export function findLog(tx: ReadTx, guildId: GuildId, origin: ServerName): LogRow | undefined {
  const row = tx.get<RawLogRow>('SELECT * FROM logs WHERE guild_id = ? AND origin = ?', guildId, origin)
  return row && toLogRow(row)
}

export function insertLog(tx: WriteTx, guildId: GuildId, origin: ServerName): number {
  return tx.run(`INSERT INTO logs (guild_id, origin, tip_position, tip_event_id) VALUES (?, ?, 0, '')`, guildId, origin)
    .rowId
}

export function updateLog(tx: WriteTx, log: Omit<LogRow, 'guildId' | 'origin'>): void {
  tx.run(
    'UPDATE logs SET tip_position = ?, tip_event_id = ?, tip_covered = ?, equivocated = ? WHERE log_id = ?',
    log.tipPosition,
    log.tipEventId,
    log.tipCovered ? 1 : 0,
    log.equivocated ? 1 : 0,
    log.logId,
  )
}

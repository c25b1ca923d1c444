import type { ChannelId, EventId, GuildId, ServerName } from '../../base/ids.ts'
import { isPeerId } from '../../events/peer-id.ts'
import type { GuildEvent, LawEvent } from '../../events/schema/event.ts'
import { signingKeyOf } from '../../events/signature-field.ts'
import { createLaw, type Law } from '../../events/state/law.ts'
import type { ReadTx, WriteTx } from '../../storage/database.ts'
import { findEvent, latestSequence, listForkTips, listLawEvents } from '../../storage/events.ts'
import { insertLog, listGuildLogs, type LogRow, updateLog } from '../../storage/logs.ts'

/** The end of one origin's log, with what the next event is checked against. */
export interface OriginLog extends Omit<LogRow, 'guildId'> {
  tipTs: number
  tipAuth: readonly EventId[]
  tipIsLaw: boolean
  /** Ends of all chains of an equivocated log and their positions; empty for an honest one. */
  forkTips: Map<EventId, number>
  /** The key that signs this log now. */
  tipKeyId: string
}

/**
 * One guild's graph in memory: the law, the tips of all logs, the sequence of each channel. A cache of the database:
 * after a rollback it is thrown away and loaded again.
 */
export interface GuildGraph {
  readonly guildId: GuildId
  readonly law: Law
  readonly logs: ReadonlyMap<ServerName, OriginLog>
  /** The log whose tip is this event. */
  logByTip(eventId: EventId): OriginLog | undefined
  openLog(tx: WriteTx, origin: ServerName): OriginLog
  moveTip(tx: WriteTx, log: OriginLog, tip: Tip): void
  coverTip(tx: WriteTx, log: OriginLog): void
  /** The event, which is held already, stands beside another of its log. */
  markEquivocated(tx: WriteTx, log: OriginLog): void
  /** An event was added to a log that is equivocated. */
  growFork(log: OriginLog, tip: Pick<Tip, 'eventId' | 'position'>, parent: EventId | undefined): void
  nextSequence(tx: ReadTx, channelId: ChannelId): number
  lastSequence(tx: ReadTx, channelId: ChannelId): number
}

export interface Tip {
  eventId: EventId
  position: number
  ts: number
  auth: readonly EventId[]
  isLaw: boolean
  keyId: string
}

/** Loads a guild's logs (not those of foreign servers, see `adopt.ts`) and replays its law. An empty graph when nothing of the guild is held. */
export function loadGuildGraph(tx: ReadTx, guildId: GuildId): GuildGraph {
  const rows = listGuildLogs(tx, guildId).filter((row) => isPeerId(row.origin))
  const law = createLaw(guildId)
  const logIds = rows.map((row) => row.logId)
  // Order of arrival puts parents first, as the law needs them.
  for (const row of listLawEvents(tx, logIds)) law.add(parseStored<LawEvent>(row.body))
  return createGuildGraph(
    guildId,
    law,
    rows.map((row) => withTip(tx, row)),
  )
}

function withTip(tx: ReadTx, row: LogRow): OriginLog {
  const tip = findEvent(tx, row.tipEventId)
  if (tip === undefined) throw new Error(`The tip ${row.tipEventId} of log ${row.logId} is not in the database`)
  const event = parseStored<GuildEvent>(tip.body)
  const tipKeyId = signingKeyOf(event)
  const forkTips = row.equivocated ? readForkTips(tx, row.logId) : new Map<EventId, number>()
  return { ...row, tipTs: tip.originTs, tipAuth: event.auth_events, tipIsLaw: tip.isLaw, tipKeyId, forkTips }
}

const readForkTips = (tx: ReadTx, logId: number): Map<EventId, number> =>
  new Map(listForkTips(tx, logId).map((tip) => [tip.eventId, tip.position]))

/** Bodies in the log were checked before they were stored. */
export function parseStored<Event>(body: string): Event {
  return JSON.parse(body) as Event
}

function createGuildGraph(guildId: GuildId, law: Law, loaded: readonly OriginLog[]): GuildGraph {
  const logs = new Map(loaded.map((log) => [log.origin, log]))
  const byTip = new Map(loaded.map((log) => [log.tipEventId, log]))
  const sequences = new Map<ChannelId, number>()

  function lastSequence(tx: ReadTx, channelId: ChannelId): number {
    const known = sequences.get(channelId)
    if (known !== undefined) return known
    const latest = latestSequence(tx, channelId)
    sequences.set(channelId, latest)
    return latest
  }

  return {
    guildId,
    law,
    logs,
    logByTip: (eventId) => byTip.get(eventId),
    openLog(tx, origin) {
      const known = logs.get(origin)
      if (known !== undefined) return known
      const log: OriginLog = {
        logId: insertLog(tx, guildId, origin),
        origin,
        tipPosition: 0,
        tipEventId: '' as EventId,
        tipCovered: false,
        equivocated: false,
        tipTs: 0,
        tipAuth: [],
        tipIsLaw: false,
        tipKeyId: '',
        forkTips: new Map(),
      }
      logs.set(origin, log)
      return log
    },
    moveTip(tx, log, tip) {
      byTip.delete(log.tipEventId)
      log.tipEventId = tip.eventId
      log.tipPosition = tip.position
      log.tipTs = tip.ts
      log.tipAuth = tip.auth
      log.tipIsLaw = tip.isLaw
      log.tipKeyId = tip.keyId
      log.tipCovered = false
      byTip.set(tip.eventId, log)
      updateLog(tx, log)
    },
    coverTip(tx, log) {
      if (log.tipCovered) return
      log.tipCovered = true
      updateLog(tx, log)
    },
    markEquivocated(tx, log) {
      if (log.equivocated) return
      log.equivocated = true
      log.forkTips = readForkTips(tx, log.logId)
      updateLog(tx, log)
    },
    growFork(log, tip, parent) {
      if (!log.equivocated) return
      if (parent !== undefined) log.forkTips.delete(parent)
      log.forkTips.set(tip.eventId, tip.position)
    },
    nextSequence(tx, channelId) {
      const next = lastSequence(tx, channelId) + 1
      sequences.set(channelId, next)
      return next
    },
    lastSequence,
  }
}

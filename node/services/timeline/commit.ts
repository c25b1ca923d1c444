import type { ChannelId, EventId } from '../../base/ids.ts'
import type { GuildEvent, LawEvent } from '../../events/schema/event.ts'
import { signingKeyOf } from '../../events/signature-field.ts'
import type { WriteTx } from '../../storage/database.ts'
import { insertEvent } from '../../storage/events.ts'
import type { GuildGraph, OriginLog } from './guild-graph.ts'
import type { StoredEvent } from './types.ts'

/** An event whose links, clock and law verdict are settled: all that is left is to keep it. */
export interface PlacedEvent {
  event: GuildEvent
  /** Wire form. */
  text: string
  log: OriginLog
  position: number
  isLaw: boolean
  /** Why R(auth_events) refuses a timeline event; null when it is shown. */
  refusal: string | null
}

/** The only writer of the log: row, tips, law and sequence change together, for local and remote events alike. */
export function commitEvent(tx: WriteTx, graph: GuildGraph, placed: PlacedEvent): StoredEvent {
  const { event, log, position, isLaw, refusal, text } = placed
  const isShown = !isLaw && refusal === null
  const sequence = isShown ? graph.nextSequence(tx, event.room_id as ChannelId) : null
  const stream = insertEvent(tx, {
    eventId: event.event_id,
    logId: log.logId,
    position,
    roomId: event.room_id,
    eventType: event.event_type,
    originTs: event.origin_ts,
    isLaw,
    refusal,
    sequence,
    body: text,
  })
  moveTips(tx, graph, placed)
  if (isLaw) graph.law.add(event as LawEvent)
  return {
    stream,
    eventId: event.event_id,
    guildId: graph.guildId,
    origin: event.origin_server,
    position,
    roomId: event.room_id,
    eventType: event.event_type,
    isLaw,
    sequence,
    body: text,
  }
}

function moveTips(tx: WriteTx, graph: GuildGraph, { event, log, position, isLaw }: PlacedEvent): void {
  for (const id of event.prev_events) coverOther(tx, graph, log, id)
  graph.growFork(log, { eventId: event.event_id, position }, event.prev_events[0])
  // An event beside or below the tip is a fork: the chain seen first keeps the tip until the other outgrows it.
  if (position <= log.tipPosition) {
    graph.markEquivocated(tx, log)
    return
  }
  graph.moveTip(tx, log, {
    eventId: event.event_id,
    position,
    ts: event.origin_ts,
    auth: event.auth_events,
    isLaw,
    keyId: signingKeyOf(event),
  })
}

function coverOther(tx: WriteTx, graph: GuildGraph, own: OriginLog, eventId: EventId): void {
  const other = graph.logByTip(eventId)
  if (other !== undefined && other !== own) graph.coverTip(tx, other)
}

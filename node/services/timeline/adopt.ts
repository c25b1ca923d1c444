import type { ChannelId, EventId, GuildId, ServerName } from '../../base/ids.ts'
import type { WireEvent } from '../../events/schema/event.ts'
import type { WriteTx } from '../../storage/database.ts'
import { findEvent, insertEvent } from '../../storage/events.ts'
import { findLog, insertLog, updateLog } from '../../storage/logs.ts'
import type { GuildGraph } from './guild-graph.ts'

/** A genuine event of a server that speaks only HTTP (contract 6.3, steps 1 to 6 passed). */
export interface ForeignEvent {
  eventId: EventId
  event: WireEvent
  /** As received. */
  text: string
}

/**
 * Shows a foreign event in a channel of this node. It has no links and no place in the graph: it is kept beside it, in a log
 * of its own that no sync offers, so the law neither sees nor needs it. The same event again has no effect.
 */
export function adoptForeign(tx: WriteTx, graph: GuildGraph, channelId: ChannelId, foreign: ForeignEvent): void {
  const { eventId, event, text } = foreign
  if (findEvent(tx, eventId) !== undefined) return
  const origin = event.origin_server as ServerName
  const log = findLog(tx, graph.guildId, origin) ?? openLog(tx, graph.guildId, origin)
  const position = log.tipPosition + 1
  insertEvent(tx, {
    eventId,
    logId: log.logId,
    position,
    roomId: channelId,
    eventType: event.event_type,
    originTs: event.origin_ts,
    isLaw: false,
    refusal: null,
    sequence: graph.nextSequence(tx, channelId),
    body: text,
  })
  updateLog(tx, { ...log, tipPosition: position, tipEventId: eventId })
}

function openLog(tx: WriteTx, guildId: GuildId, origin: ServerName) {
  const logId = insertLog(tx, guildId, origin)
  return { logId, tipPosition: 0, tipEventId: '' as EventId, tipCovered: false, equivocated: false }
}

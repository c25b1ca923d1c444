import type { EventId } from '../../base/ids.ts'
import { authorize } from '../../events/auth/authorize.ts'
import { carriedStatement } from '../../events/carried-statement.ts'
import { type GuildEvent, isTimelineRoom, positionOf } from '../../events/schema/event.ts'
import { signingKeyOf } from '../../events/signature-field.ts'
import type { Law } from '../../events/state/law.ts'
import type { WriteTx } from '../../storage/database.ts'
import { findEvent, hasEvent } from '../../storage/events.ts'
import { commitEvent } from './commit.ts'
import { type GuildGraph, type OriginLog, parseStored } from './guild-graph.ts'

/** An event of this guild whose bytes, structure and signature are right. */
export interface CheckedEvent {
  event: GuildEvent
  text: string
}

export type Placement =
  | { kind: 'accepted' }
  | { kind: 'duplicate' }
  | { kind: 'waiting'; missing: string[] }
  | { kind: 'refused'; code: string }
  | { kind: 'rejected'; reason: string }

/** An author's clock may run this far ahead of ours; what is later waits (protocol, "Clock"). */
export const MAX_CLOCK_AHEAD_MS = 5 * 60_000

/** An event's parent, as far as its child is checked against it. */
interface Parent {
  logId: number
  position: number
  ts: number
}

/**
 * Puts one event into the graph. Every verdict but `waiting` and `duplicate` depends only on the event and its past, so all nodes agree.
 * 1. held already?  2. clock and parents held?  3. own chain, and its key  4. clock of the parents  5. auth links never go
 * backwards  6. no log of a stranger  7. the law  8. commit
 */
export function placeEvent(tx: WriteTx, graph: GuildGraph, checked: CheckedEvent, now: number): Placement {
  const { event, text } = checked
  if (hasEvent(tx, event.event_id)) return { kind: 'duplicate' } // 1

  const parents = findParents(tx, graph, event)
  const missing = [...parents.missing, ...event.auth_events.filter((id) => !graph.law.has(id) && !hasEvent(tx, id))]
  if (event.origin_ts > now + MAX_CLOCK_AHEAD_MS) missing.push(`time:${event.origin_ts}`)
  if (missing.length > 0) return { kind: 'waiting', missing: [...new Set(missing)] } // 2

  const fault = checkLinks(tx, graph, event, parents.held)
  if (fault !== undefined) return { kind: 'rejected', reason: fault } // 3-6

  const isLaw = !isTimelineRoom(event)
  const refusal = isLaw ? null : refusalOf(graph.law, event) // 7
  const log = graph.openLog(tx, event.origin_server)
  commitEvent(tx, graph, { event, text, log, position: positionOf(event), isLaw, refusal }) // 8
  return refusal === null ? { kind: 'accepted' } : { kind: 'refused', code: refusal }
}

/** Why R(auth_events) refuses a timeline event; null when it allows it. Throws when the law lacks one of them. */
export function refusalOf(law: Law, event: GuildEvent): string | null {
  const verdict = authorize(event, law.at(event.auth_events).state)
  return verdict.kind === 'refused' ? verdict.code : null
}

function findParents(tx: WriteTx, graph: GuildGraph, event: GuildEvent): { held: Parent[]; missing: string[] } {
  const held: Parent[] = []
  const missing: string[] = []
  for (const id of event.prev_events) {
    const parent = findParent(tx, graph, id)
    if (parent === undefined) missing.push(id)
    else held.push(parent)
  }
  return { held, missing }
}

function findParent(tx: WriteTx, graph: GuildGraph, id: EventId): Parent | undefined {
  const tip = graph.logByTip(id)
  if (tip !== undefined) return { logId: tip.logId, position: tip.tipPosition, ts: tip.tipTs }
  const row = findEvent(tx, id)
  return row && { logId: row.logId, position: row.position, ts: row.originTs }
}

function checkLinks(tx: WriteTx, graph: GuildGraph, event: GuildEvent, parents: readonly Parent[]): string | undefined {
  const log = graph.logs.get(event.origin_server)
  const position = positionOf(event)
  if (position > 1 && !followsOwn(log, position, parents[0])) return 'own_chain_broken' // 3
  const before = predecessorOf(tx, log, event)
  if (before && !carriedStatement(event) && before.keyId !== signingKeyOf(event)) return 'key_changed'
  const logIds = new Set([...graph.logs.values()].map((known) => known.logId))
  if (parents.some((parent) => !logIds.has(parent.logId))) return 'parent_of_other_guild'
  if (parents.some((parent) => parent.ts >= event.origin_ts)) return 'clock_backwards' // 4
  if (!isAfterLaw(tx, event, before)) return 'clock_backwards'
  return checkAuth(graph, event, before)
}

function followsOwn(log: OriginLog | undefined, position: number, parent: Parent | undefined): boolean {
  return log !== undefined && parent?.logId === log.logId && parent.position === position - 1
}

function checkAuth(graph: GuildGraph, event: GuildEvent, before: Predecessor | undefined): string | undefined {
  if (event.event_type === 'guild.create') return graph.law.size === 0 ? undefined : 'second_genesis'
  if (event.auth_events.length === 0) return 'no_auth_events'
  if (!event.auth_events.every((id) => graph.law.has(id))) return 'auth_event_not_law'
  if (before === undefined) return checkFirst(graph, event) // 6
  return coversPredecessor(graph, event, before) ? undefined : 'auth_backwards' // 5
}

/** A log begins with the join that makes its node a member's node (protocol, "Strangers"). */
function checkFirst(graph: GuildGraph, event: GuildEvent): string | undefined {
  if (event.event_type !== 'member.join') return 'stranger'
  const verdict = authorize(event, graph.law.at(event.auth_events).state)
  return verdict.kind === 'allowed' ? undefined : 'stranger'
}

function coversPredecessor(graph: GuildGraph, event: GuildEvent, before: Predecessor): boolean {
  if (!before.isLaw && sameIds(before.auth, event.auth_events)) return true
  return graph.law.covers(event.auth_events, before.isLaw ? [...before.auth, before.eventId] : before.auth)
}

/** Nobody writes before the law they name; otherwise an invite could be used after its end by claiming an early hour. */
function isAfterLaw(tx: WriteTx, event: GuildEvent, before: Predecessor | undefined): boolean {
  if (before !== undefined && sameIds(before.auth, event.auth_events)) return true
  return event.auth_events.every((id) => (findEvent(tx, id)?.originTs ?? 0) < event.origin_ts)
}

/** An event's own predecessor, as far as its successor is checked against it. */
interface Predecessor {
  eventId: EventId
  auth: readonly EventId[]
  isLaw: boolean
  keyId: string
}

/** Undefined for the first event of a log. */
function predecessorOf(tx: WriteTx, log: OriginLog | undefined, event: GuildEvent): Predecessor | undefined {
  const eventId = event.prev_events[0]
  if (positionOf(event) === 1 || eventId === undefined) return undefined
  if (log?.tipEventId === eventId) return { eventId, auth: log.tipAuth, isLaw: log.tipIsLaw, keyId: log.tipKeyId }
  const row = findEvent(tx, eventId)
  if (row === undefined) throw new Error(`The parent ${eventId} was held a moment ago`)
  const parent = parseStored<GuildEvent>(row.body)
  return { eventId, auth: parent.auth_events, isLaw: row.isLaw, keyId: signingKeyOf(parent) }
}

function sameIds(left: readonly EventId[], right: readonly EventId[]): boolean {
  return left.length === right.length && left.every((id, index) => id === right[index])
}

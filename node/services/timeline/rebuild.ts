import type { EventId, GuildId } from '../../base/ids.ts'
import { isPeerId } from '../../events/peer-id.ts'
import { type GuildEvent, isTimelineRoom, type LawEvent } from '../../events/schema/event.ts'
import { createLaw, type Law } from '../../events/state/law.ts'
import type { Database, ReadTx, WriteTx } from '../../storage/database.ts'
import { type EventRow, listEventsAfter, updateEventProjection } from '../../storage/events.ts'
import { listLogs, type LogRow, updateLog } from '../../storage/logs.ts'
import { parseStored } from './guild-graph.ts'
import { refusalOf } from './place.ts'

/** What stands in a row beside the event itself and follows from the log alone. */
type EventProjection = Pick<EventRow, 'refusal' | 'sequence'>
type LogProjection = Pick<LogRow, 'tipPosition' | 'tipEventId' | 'tipCovered' | 'equivocated'>

/** A row whose projection is not what the log says. */
export type ProjectionFault =
  | { kind: 'event'; stream: number; eventId: EventId; stored: EventProjection; right: EventProjection }
  | { kind: 'log'; logId: number; stored: LogProjection; right: LogProjection }

/** Replays the whole log and compares. Reads every event (some seconds for a million): for tools and tests. */
export function checkProjections(db: Pick<Database, 'read'>): ProjectionFault[] {
  return db.read(findFaults)
}

/** Puts right what differs, in one transaction. No timeline may be open on this database: its caches would not notice. */
export function rebuildProjections(db: Pick<Database, 'writeNow'>): ProjectionFault[] {
  return db.writeNow((tx) => {
    const faults = findFaults(tx)
    // A sequence is taken from its wrong owner before its right one gets it: both cannot have it at once.
    for (const fault of faults) correct(tx, fault, { keepSequence: false })
    for (const fault of faults) correct(tx, fault, { keepSequence: true })
    return faults
  })
}

function correct(tx: WriteTx, fault: ProjectionFault, { keepSequence }: { keepSequence: boolean }): void {
  if (fault.kind === 'log') return updateLog(tx, { logId: fault.logId, ...fault.right })
  const { stream, right } = fault
  updateEventProjection(tx, stream, keepSequence ? right : { ...right, sequence: null })
}

const PAGE = 512

function findFaults(tx: ReadTx): ProjectionFault[] {
  const logs = listLogs(tx)
  const replay = createReplay(logs)
  const faults: ProjectionFault[] = []
  for (let page = listEventsAfter(tx, 0, PAGE); page.length > 0; page = listEventsAfter(tx, lastOf(page), PAGE)) {
    faults.push(...page.flatMap((row) => eventFault(row, replay.next(row))))
  }
  return [...faults, ...logs.flatMap((log) => logFault(log, replay.tipOf(log)))]
}

const lastOf = (page: readonly EventRow[]): number => page.at(-1)?.stream ?? Infinity

function eventFault({ stream, eventId, refusal, sequence }: EventRow, right: EventProjection): ProjectionFault[] {
  if (refusal === right.refusal && sequence === right.sequence) return []
  return [{ kind: 'event', stream, eventId, stored: { refusal, sequence }, right }]
}

function logFault({ logId, tipPosition, tipEventId, tipCovered, equivocated }: LogRow, right: LogProjection) {
  const stored = { tipPosition, tipEventId, tipCovered, equivocated }
  const isRight =
    tipPosition === right.tipPosition &&
    tipEventId === right.tipEventId &&
    tipCovered === right.tipCovered &&
    equivocated === right.equivocated
  return isRight ? [] : [{ kind: 'log', logId, stored, right } satisfies ProjectionFault]
}

/** The projections once more, from nothing but the events in order of arrival; said apart from `commit.ts` to check it. */
function createReplay(rows: readonly LogRow[]) {
  const owners = new Map(rows.map((row) => [row.logId, row]))
  const laws = new Map<GuildId, Law>()
  const tips = new Map<number, LogProjection>()
  const sequences = new Map<string, number>()

  function lawOf(guildId: GuildId): Law {
    const law = laws.get(guildId) ?? createLaw(guildId)
    laws.set(guildId, law)
    return law
  }

  function nextSequence(roomId: string): number {
    const sequence = (sequences.get(roomId) ?? 0) + 1
    sequences.set(roomId, sequence)
    return sequence
  }

  const tipOf = ({ logId }: Pick<LogRow, 'logId'>): LogProjection =>
    tips.get(logId) ?? { tipPosition: 0, tipEventId: '' as EventId, tipCovered: false, equivocated: false }

  function next(row: EventRow): EventProjection {
    const owner = owners.get(row.logId)
    if (owner === undefined) throw new Error(`The log ${row.logId} of ${row.eventId} is not in the database`)
    if (!isPeerId(owner.origin)) return nextForeign(row)
    const event = parseStored<GuildEvent>(row.body)
    const law = lawOf(owner.guildId)
    moveTips(row, event.prev_events)
    if (!isTimelineRoom(event)) {
      law.add(event as LawEvent)
      return { refusal: null, sequence: null }
    }
    const refusal = refusalOf(law, event)
    return { refusal, sequence: refusal === null ? nextSequence(row.roomId) : null }
  }

  /** Events of HTTP-only servers stand beside the graph: shown as they came (`adopt.ts`). */
  function nextForeign(row: EventRow): EventProjection {
    tips.set(row.logId, { ...tipOf(row), tipPosition: row.position, tipEventId: row.eventId })
    return { refusal: null, sequence: nextSequence(row.roomId) }
  }

  function moveTips({ logId, position, eventId }: EventRow, prev: readonly EventId[]): void {
    for (const [otherId, other] of tips) {
      if (otherId !== logId && prev.includes(other.tipEventId)) tips.set(otherId, { ...other, tipCovered: true })
    }
    const own = tipOf({ logId })
    const isFork = position <= own.tipPosition
    tips.set(
      logId,
      isFork
        ? { ...own, equivocated: true }
        : { ...own, tipPosition: position, tipEventId: eventId, tipCovered: false },
    )
  }

  return { next, tipOf }
}

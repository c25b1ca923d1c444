import type { Database } from '../../storage/database.ts'
import {
  type EventRow,
  findEvent,
  listChains,
  listForkTips,
  listLogEvents,
  type LogCursor,
} from '../../storage/events.ts'
import type { GuildGraph, OriginLog } from './guild-graph.ts'
import type { LogTip } from './types.ts'

const PAGE = 256

/** Tips of every log held; an equivocated log has one for each of its forks. */
export function tipsOf(db: Database, graph: GuildGraph): LogTip[] {
  return [...graph.logs.values()]
    .filter((log) => log.tipPosition > 0)
    .flatMap((log) =>
      log.equivocated
        ? db.read((tx) => listForkTips(tx, log.logId)).map((tip) => ({ origin: log.origin, ...tip }))
        : [{ origin: log.origin, position: log.tipPosition, eventId: log.tipEventId }],
    )
}

/**
 * Pages of the events whose holder has `theirTips` lacks. The logs are merged by order of arrival here, so parents come
 * before children and the receiver can place each event at once.
 */
export function* missingEvents(
  db: Database,
  graph: GuildGraph,
  theirTips: readonly LogTip[],
): Generator<EventRow[], void, void> {
  const byOrigin = Map.groupBy(theirTips, (tip) => tip.origin)
  const readers = [...graph.logs.values()].map((log) => readLog(db, log, byOrigin.get(log.origin) ?? []))
  const fronts = readers.map((reader) => ({ reader, next: reader.next() }))
  let page: EventRow[] = []
  for (;;) {
    const oldest = oldestOf(fronts)
    if (oldest === undefined) break
    page.push(oldest.event)
    oldest.front.next = oldest.front.reader.next()
    if (page.length < PAGE) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}

interface Front {
  reader: Generator<EventRow, void, void>
  next: IteratorResult<EventRow, void>
}

function oldestOf(fronts: readonly Front[]): { front: Front; event: EventRow } | undefined {
  let oldest: { front: Front; event: EventRow } | undefined
  for (const front of fronts) {
    if (front.next.done === true) continue
    const event = front.next.value
    if (oldest === undefined || event.stream < oldest.event.stream) oldest = { front, event }
  }
  return oldest
}

/** One log from where the other side stands. */
function* readLog(db: Database, log: OriginLog, theirTips: readonly LogTip[]): Generator<EventRow, void, void> {
  const start = startOf(db, log, theirTips)
  if (start === undefined) return
  let cursor: LogCursor = { position: start.after, stream: Number.MAX_SAFE_INTEGER }
  for (;;) {
    const from = cursor
    const rows = db.read((tx) => listLogEvents(tx, log.logId, from, PAGE))
    for (const row of rows) if (!start.held.has(row.eventId)) yield row
    const last = rows.at(-1)
    if (last === undefined || rows.length < PAGE) return
    cursor = { position: last.position, stream: last.stream }
  }
}

interface Start {
  /** Position after which to look. */
  after: number
  /** Beyond it, what they have all the same. */
  held: ReadonlySet<string>
}

/** Undefined: they have all we have of this log. */
function startOf(db: Database, log: OriginLog, theirTips: readonly LogTip[]): Start | undefined {
  const known = theirTips.filter((tip) => db.read((tx) => findEvent(tx, tip.eventId)?.logId === log.logId))
  if (log.equivocated) {
    const held = db.read((tx) =>
      listChains(
        tx,
        log.logId,
        known.map((tip) => tip.eventId),
      ),
    )
    return { after: 0, held }
  }
  const reach = Math.max(0, ...known.map((tip) => tip.position))
  if (reach === log.tipPosition) return undefined
  // A tip we do not know beyond our own is simply newer; at or below it, it is a fork and only the whole log can show where.
  const isAhead = known.length === 0 && theirTips.some((tip) => tip.position > log.tipPosition)
  return isAhead ? undefined : { after: reach, held: new Set() }
}

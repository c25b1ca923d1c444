import type { Database } from '../../storage/database.ts'
import { type EventRow, findEvent, listChains, listLogArrivals, listLogChain } from '../../storage/events.ts'
import type { GuildGraph, OriginLog } from './guild-graph.ts'
import type { LogTip } from './types.ts'

const PAGE = 256

/** Tips of every log held; an equivocated log has one for each of its forks. */
export function tipsOf(graph: GuildGraph): LogTip[] {
  return [...graph.logs.values()].filter((log) => log.tipPosition > 0).flatMap(endsOf)
}

function endsOf({ origin, equivocated, forkTips, tipPosition, tipEventId }: OriginLog): LogTip[] {
  if (!equivocated) return [{ origin, position: tipPosition, eventId: tipEventId }]
  return [...forkTips].map(([eventId, position]) => ({ origin, position, eventId }))
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
  const known = theirTips.filter((tip) => db.read((tx) => findEvent(tx, tip.eventId)?.logId === log.logId))
  if (log.equivocated) {
    yield* readForks(db, log, known)
    return
  }
  const reach = Math.max(0, ...known.map((tip) => tip.position))
  // A tip we do not know beyond our own is simply newer; at or below it, it is a fork and only the whole log can show where.
  const isAhead = known.length === 0 && theirTips.some((tip) => tip.position > log.tipPosition)
  if (reach === log.tipPosition || isAhead) return
  yield* readPages(
    (after) => db.read((tx) => listLogChain(tx, log.logId, after, PAGE)),
    (row) => row.position,
    reach,
  )
}

/** All but the chains that end in tips they have. By arrival: the merge needs each log in that order. */
function* readForks(db: Database, log: OriginLog, known: readonly LogTip[]): Generator<EventRow, void, void> {
  const tips = known.map((tip) => tip.eventId)
  const held = db.read((tx) => listChains(tx, log.logId, tips))
  const rows = readPages(
    (after) => db.read((tx) => listLogArrivals(tx, log.logId, after, PAGE)),
    (row) => row.stream,
    0,
  )
  for (const row of rows) if (!held.has(row.eventId)) yield row
}

function* readPages(
  read: (after: number) => EventRow[],
  placeOf: (row: EventRow) => number,
  start: number,
): Generator<EventRow, void, void> {
  let rows = read(start)
  for (;;) {
    yield* rows
    const last = rows.at(-1)
    if (last === undefined || rows.length < PAGE) return
    rows = read(placeOf(last))
  }
}

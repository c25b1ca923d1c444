import type { EventId, GuildId, ServerName } from '../../base/ids.ts'
import type { Logger } from '../../base/log.ts'
import type { GuildEvent } from '../../events/schema/event.ts'
import type { Database, WriteTx } from '../../storage/database.ts'
import {
  countWaitingByGuild,
  countWaitingFrom,
  deleteWaiting,
  deleteWaitingFor,
  insertWaiting,
  listArrived,
  listWaitingOnlyFor,
  type WaitingEvent,
} from '../../storage/waiting.ts'
import type { TextCheck } from './check-text.ts'
import { type GuildGraph, parseStored } from './guild-graph.ts'
import { placeEvent, type Placement } from './place.ts'
import type { ReceiveOutcome } from './types.ts'
import type { Verifier } from './verifier.ts'

export interface ReceiveLimits {
  /** Waiting events kept per guild and per sending peer. */
  waitingPerGuild: number
  waitingPerPeer: number
}

export interface ReceiverDeps {
  db: Database
  verifier: Verifier
  log: Logger
  limits: ReceiveLimits
  now(): number
  /** The graph of a guild held here or expected; undefined for others. */
  findGraph(tx: WriteTx, guildId: GuildId): GuildGraph | undefined
}

export interface Receiver {
  receive(guildId: GuildId, texts: readonly string[], from: ServerName): Promise<ReceiveOutcome[]>
  /** What was missing (a key, a time) is there: takes the events that wait only for it. */
  release(missing: string): Promise<void>
  /** After a start: places what a crash left waiting for events that had already arrived. */
  recover(): Promise<void>
  waitingCount(guildId: GuildId): number
}

/** Placed in one write; keeps a transaction near the 10 ms after which clients would notice. */
const PLACE_BATCH = 64

/**
 * The way in for remote events: 1. text checked off the loop  2. placed in batches  3. what cannot be placed waits in a table
 * (gossip will not offer it again)  4. what it was missing releases it.
 */
export function createReceiver(deps: ReceiverDeps): Receiver {
  let waiting = deps.db.read(countWaitingByGuild)
  const waitingCount = (guildId: GuildId) => waiting.get(guildId) ?? 0
  const turns = new Map<GuildId, Promise<unknown>>()

  function adjust(tx: WriteTx, guildId: GuildId, change: number): void {
    if (change === 0) return
    waiting.set(guildId, waitingCount(guildId) + change)
    tx.afterRollback(() => {
      waiting = deps.db.read(countWaitingByGuild)
    })
  }

  /** Texts are checked while earlier calls are still being placed, but placed in the order of the calls. */
  function receive(guildId: GuildId, texts: readonly string[], from: ServerName): Promise<ReceiveOutcome[]> {
    const turn = turns.get(guildId)
    const outcomes = takeIn({ guildId, texts, from, turn })
    const done = outcomes.then(noop, noop).finally(() => turns.get(guildId) === done && turns.delete(guildId))
    turns.set(guildId, done)
    return outcomes
  }

  async function takeIn({ guildId, texts, from, turn }: Delivery): Promise<ReceiveOutcome[]> {
    const outcomes: ReceiveOutcome[] = []
    const batches = chunk(texts).map((batch) => ({ batch, checks: deps.verifier.check(guildId, batch) }))
    // A fault while checking is thrown below, when its batch is due.
    for (const { checks } of batches) checks.catch(noop)
    await turn
    for (const { batch, checks } of batches) {
      const settled = await checks // 1
      outcomes.push(...(await placeBatch({ guildId, texts: batch, checks: settled, from })))
    }
    return outcomes
  }

  async function placeBatch(batch: Batch): Promise<ReceiveOutcome[]> {
    const freed: EventId[] = []
    const outcomes = await deps.db.write((tx) => {
      const graph = deps.findGraph(tx, batch.guildId)
      if (graph === undefined) return batch.texts.map(() => ({ kind: 'rejected', reason: 'unknown_guild' }) as const)
      return batch.texts.map((text, index) => {
        const outcome = placeText(tx, graph, { text, check: batch.checks[index], from: batch.from })
        if (isStored(outcome)) freed.push(outcome.eventId)
        return outcome
      })
    })
    if (waitingCount(batch.guildId) > 0) await releaseChildren(batch.guildId, freed)
    return outcomes
  }

  function placeText(tx: WriteTx, graph: GuildGraph, item: Item): ReceiveOutcome {
    const { text, check, from } = item
    if (check === undefined || check.kind === 'wrong') return { kind: 'rejected', reason: check?.reason ?? 'unchecked' }
    const event = parseStored<GuildEvent>(text)
    const placement: Placement =
      check.kind === 'key_missing'
        ? { kind: 'waiting', missing: [`key:${check.key}`] }
        : placeEvent(tx, graph, { event, text }, deps.now()) // 2
    if (placement.kind === 'waiting') hold(tx, { graph, event, text, from, missing: placement.missing }) // 3
    return placement.kind === 'rejected' ? placement : { ...placement, eventId: event.event_id }
  }

  /** Over the bounds nothing is held: sync brings the event again, with its parents before it. */
  function hold(tx: WriteTx, { graph, event, text, from, missing }: Held): void {
    const isFull =
      waitingCount(graph.guildId) >= deps.limits.waitingPerGuild ||
      countWaitingFrom(tx, from) >= deps.limits.waitingPerPeer
    if (isFull) return
    const receivedAt = deps.now()
    const held = { eventId: event.event_id, guildId: graph.guildId, origin: event.origin_server, fromPeer: from }
    adjust(tx, graph.guildId, insertWaiting(tx, { ...held, receivedAt, body: text }, missing))
  }

  async function releaseChildren(guildId: GuildId, arrived: readonly EventId[]): Promise<void> {
    let parents: readonly EventId[] = arrived
    while (parents.length > 0) {
      const batch = parents.slice(0, PLACE_BATCH)
      const placed = await deps.db.write((tx) => batch.flatMap((id) => placeChildren(tx, guildId, id)))
      parents = [...parents.slice(PLACE_BATCH), ...placed]
    }
  }

  function placeChildren(tx: WriteTx, guildId: GuildId, parent: string): EventId[] {
    const graph = deps.findGraph(tx, guildId)
    const children = listWaitingOnlyFor(tx, parent)
    deleteWaitingFor(tx, parent)
    if (graph === undefined || children.length === 0) return []
    return children.flatMap((child) => (placeWaiting(tx, graph, child) ? [child.eventId] : []))
  }

  /** True when the event is in the graph now. Its bytes were checked before it was held. */
  function placeWaiting(tx: WriteTx, graph: GuildGraph, child: WaitingEvent): boolean {
    const event = parseStored<GuildEvent>(child.body)
    const placement = placeEvent(tx, graph, { event, text: child.body }, deps.now())
    if (placement.kind === 'waiting') {
      insertWaiting(tx, child, placement.missing)
      return false
    }
    adjust(tx, graph.guildId, -deleteWaiting(tx, child.eventId))
    if (placement.kind === 'rejected') {
      deps.log.warn({ event_id: child.eventId, reason: placement.reason }, 'A waiting event was rejected')
    }
    return isStored({ ...placement, eventId: child.eventId })
  }

  async function release(missing: string): Promise<void> {
    const events = deps.db.read((tx) => listWaitingOnlyFor(tx, missing))
    if (events.length === 0) return
    await deps.db.write((tx) => {
      deleteWaitingFor(tx, missing)
      for (const event of events) adjust(tx, event.guildId, -deleteWaiting(tx, event.eventId))
    })
    for (const [origin, group] of Map.groupBy(events, (event) => `${event.guildId}/${event.fromPeer}`)) {
      const [first] = group
      if (first === undefined) throw new Error(`An empty group for ${origin}`)
      const texts = group.map((event) => event.body)
      await receive(first.guildId, texts, first.fromPeer)
    }
  }

  async function recover(): Promise<void> {
    for (const { guildId, missing } of deps.db.read(listArrived)) await releaseChildren(guildId, [missing])
  }

  return { receive, release, recover, waitingCount }
}

interface Delivery {
  guildId: GuildId
  texts: readonly string[]
  from: ServerName
  /** Settles when everything that came before has been placed. */
  turn: Promise<unknown> | undefined
}

interface Batch {
  guildId: GuildId
  texts: readonly string[]
  checks: readonly TextCheck[]
  from: ServerName
}

interface Item {
  text: string
  check: TextCheck | undefined
  from: ServerName
}

interface Held {
  graph: GuildGraph
  event: GuildEvent
  text: string
  from: ServerName
  missing: readonly string[]
}

const noop = (): void => {}

function isStored(outcome: { kind: string; eventId?: EventId }): outcome is { kind: 'accepted'; eventId: EventId } {
  return outcome.kind === 'accepted' || outcome.kind === 'refused'
}

function chunk(texts: readonly string[]): string[][] {
  const chunks: string[][] = []
  for (let start = 0; start < texts.length; start += PLACE_BATCH) chunks.push(texts.slice(start, start + PLACE_BATCH))
  return chunks
}

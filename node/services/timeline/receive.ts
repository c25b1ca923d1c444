import type { EventId, GuildId, ServerName } from '../../base/ids.ts'
import type { GuildEvent } from '../../events/schema/event.ts'
import { signingKeyOf } from '../../events/signature-field.ts'
import type { WriteTx } from '../../storage/database.ts'
import { listArrived, listWaitingOnlyFor, type WaitingEvent } from '../../storage/waiting.ts'
import type { TextCheck } from './check-text.ts'
import { type GuildGraph, parseStored } from './guild-graph.ts'
import { placeEvent } from './place.ts'
import type { ReceiveOutcome } from './types.ts'
import type { Verifier } from './verifier.ts'
import { createWaitingRoom, PLACE_BATCH, type WaitingRoomDeps } from './waiting-room.ts'

export interface ReceiverDeps extends WaitingRoomDeps {
  verifier: Pick<Verifier, 'check'>
}

export interface Receiver {
  receive(guildId: GuildId, texts: readonly string[], from: ServerName): Promise<ReceiveOutcome[]>
  /** The time has come (`time:<ms>`): takes the events that wait only for it. */
  release(missing: string): Promise<void>
  /** After a start: places what a crash left waiting for events that had already arrived. */
  recover(): Promise<void>
  waitingCount(guildId: GuildId): number
  /** Drops what has waited since before then. */
  forgetBefore(receivedAt: number): Promise<void>
}

/**
 * The way in for remote events: 1. text checked off the loop  2. placed in batches  3. what cannot be placed waits in a table
 * (gossip will not offer it again)  4. what it was missing releases it.
 */
export function createReceiver(deps: ReceiverDeps): Receiver {
  const room = createWaitingRoom(deps)
  const turns = new Map<GuildId, Promise<unknown>>()
  const warned = new Set<GuildId>()

  /**
   * Texts are checked while earlier calls are still being placed, but placed in the order of the calls. A turn ends when its
   * last batch is queued, not when it is durable: writes keep their order, and batches that wait together share a commit.
   */
  async function receive(guildId: GuildId, texts: readonly string[], from: ServerName): Promise<ReceiveOutcome[]> {
    const placed: Promise<ReceiveOutcome[]>[] = []
    const turn = queueBatches({ guildId, texts, from, turn: turns.get(guildId) }, placed)
    const over = turn.then(noop, noop).finally(() => turns.get(guildId) === over && turns.delete(guildId))
    turns.set(guildId, over)
    await turn
    return (await Promise.all(placed)).flat()
  }

  async function queueBatches(delivery: Delivery, placed: Promise<ReceiveOutcome[]>[]): Promise<void> {
    const { guildId, texts, from, turn } = delivery
    const batches = chunk(texts).map((batch) => ({ batch, checks: deps.verifier.check(guildId, batch) }))
    // A fault while checking is thrown below, when its batch is due.
    for (const { checks } of batches) checks.catch(noop)
    await turn
    for (const { batch, checks } of batches) {
      const outcomes = placeBatch({ guildId, texts: batch, checks: await checks, from }) // 1
      outcomes.catch(noop) // Thrown by `receive`, once all are queued.
      placed.push(outcomes)
    }
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
    await room.releaseChildren(freed) // 4
    return outcomes
  }

  function placeText(tx: WriteTx, graph: GuildGraph, item: Item): ReceiveOutcome {
    const { text, check, from } = item
    if (check === undefined || check.kind === 'wrong') return { kind: 'rejected', reason: check?.reason ?? 'unchecked' }
    const event = parseStored<GuildEvent>(text)
    const { event_id: eventId, origin_server: origin } = event
    const copy = { eventId, keyId: signingKeyOf(event) }
    const placement = placeEvent(tx, graph, { event, text }, deps.now()) // 2
    switch (placement.kind) {
      case 'waiting':
        if (placement.missing.some(isTime)) warnOfClock(graph.guildId, event)
        room.hold(tx, { ...copy, guildId: graph.guildId, origin, fromPeer: from, body: text }, placement.missing) // 3
        return { ...placement, eventId }
      // What is settled may have waited since an earlier offer.
      case 'rejected':
        room.dropCopy(tx, copy)
        return placement
      default:
        room.drop(tx, eventId)
        return { ...placement, eventId }
    }
  }

  /** Once for a guild: a clock that is wrong is so for every event. */
  function warnOfClock(guildId: GuildId, event: GuildEvent): void {
    if (warned.has(guildId)) return
    warned.add(guildId)
    const aheadSecs = Math.round((event.origin_ts - deps.now()) / 1000)
    deps.log.warn(
      { guild_id: guildId, origin: event.origin_server, ahead_secs: aheadSecs },
      'Events of a guild are ahead of the clock here and wait: this clock is behind, or that of their node is ahead',
    )
  }

  async function release(missing: string): Promise<void> {
    for (;;) {
      const events = deps.db.read((tx) => listWaitingOnlyFor(tx, missing, PLACE_BATCH))
      if (events.length === 0 || (await takeAgain(events, missing)) === 'in vain') return
    }
  }

  /** Like new deliveries; the events keep waiting until they are placed, so that a crash in between loses none. */
  async function takeAgain(events: readonly WaitingEvent[], missing: string): Promise<'done' | 'in vain'> {
    let isInVain = false
    for (const group of Map.groupBy(events, (event) => `${event.guildId} ${event.fromPeer}`).values()) {
      const [first] = group
      if (first === undefined) continue
      const texts = group.map((event) => event.body)
      const outcomes = await receive(first.guildId, texts, first.fromPeer)
      const rejected = group.filter((_, index) => outcomes[index]?.kind === 'rejected')
      if (rejected.length > 0) await deps.db.write((tx) => rejected.map((event) => room.dropCopy(tx, event)))
      isInVain ||= outcomes.some((outcome) => outcome.kind === 'waiting' && outcome.missing.includes(missing))
    }
    return isInVain ? 'in vain' : 'done'
  }

  return {
    receive,
    release,
    recover: () => room.releaseChildren(deps.db.read(listArrived)),
    waitingCount: room.count,
    forgetBefore: room.forgetBefore,
  }
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

const isTime = (missing: string): boolean => missing.startsWith('time:')
const noop = (): void => {}

function isStored(outcome: { kind: string; eventId?: EventId }): outcome is { kind: 'accepted'; eventId: EventId } {
  return outcome.kind === 'accepted' || outcome.kind === 'refused'
}

function chunk(texts: readonly string[]): string[][] {
  const chunks: string[][] = []
  for (let start = 0; start < texts.length; start += PLACE_BATCH) chunks.push(texts.slice(start, start + PLACE_BATCH))
  return chunks
}

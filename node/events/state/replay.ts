import type { EventId } from '../../base/ids.ts'
import { apply } from '../auth/apply.ts'
import { authorize } from '../auth/authorize.ts'
import type { Refusal } from '../auth/verdict.ts'
import type { LawEvent } from '../schema/event.ts'
import type { GuildState } from './guild-state.ts'
import type { LawOrder } from './law-order.ts'
import { PersistentMap } from './persistent-map.ts'

/** What came of replaying some events. A value: replaying on makes a new one. */
export interface Outcome {
  readonly state: GuildState | undefined
  /** The replayed events without effect; the others were allowed. */
  readonly refused: PersistentMap<EventId, Refusal>
}

export const BEFORE_EVERYTHING: Outcome = { state: undefined, refused: PersistentMap.of() }

/** The one place where a law event in its place in the order gets its verdict. What is refused has no effect and stays on record. */
export function replayOne({ state, refused }: Outcome, event: LawEvent): Outcome {
  const verdict = authorize(event, state)
  return verdict.kind === 'allowed'
    ? { state: apply(event, state), refused }
    : { state, refused: refused.with(event.event_id, verdict) }
}

export interface Replay {
  /** The outcome of the first `length` events of the order. */
  after(length: number): Outcome
  /** Tells that the order has changed from this place on. */
  changedFrom(place: number): void
}

/** Events between two kept outcomes: what a look into the past replays at most, besides what changed. */
const STRIDE = 32

/** Replays the order, keeping the outcome at every `STRIDE`th place and at the furthest one reached. */
export function createReplay(order: LawOrder): Replay {
  const kept: Outcome[] = [BEFORE_EVERYTHING]
  let furthest = { length: 0, outcome: BEFORE_EVERYTHING }

  function after(length: number): Outcome {
    if (length < furthest.length) return replayTo(length, keptAtOrBefore(length))
    furthest = { length, outcome: replayTo(length, furthest) }
    return furthest.outcome
  }

  function replayTo(length: number, from: { length: number; outcome: Outcome }): Outcome {
    let outcome = from.outcome
    for (let place = from.length; place < length; place += 1) {
      outcome = replayOne(outcome, order.nodeAt(place).event)
      if ((place + 1) % STRIDE === 0) kept[(place + 1) / STRIDE] = outcome
    }
    return outcome
  }

  function keptAtOrBefore(length: number): { length: number; outcome: Outcome } {
    const index = Math.floor(length / STRIDE)
    return { length: index * STRIDE, outcome: kept[index] ?? BEFORE_EVERYTHING }
  }

  function changedFrom(place: number): void {
    // Outcomes kept behind it are overwritten before the replay comes to need them.
    if (place < furthest.length) furthest = keptAtOrBefore(place)
  }

  return { after, changedFrom }
}

import type { EventId } from '../../node/base/ids.ts'
import { actorOf } from '../../node/events/auth/act.ts'
import { apply } from '../../node/events/auth/apply.ts'
import { authorize } from '../../node/events/auth/authorize.ts'
import type { Verdict } from '../../node/events/auth/verdict.ts'
import type { LawEvent } from '../../node/events/schema/event.ts'
import type { GuildState } from '../../node/events/state/guild-state.ts'
import { rankOf } from '../../node/events/state/permissions-of.ts'
import { stateJson } from '../../node/events/state/state-hash.ts'

export interface ReferenceOutcome {
  readonly state: GuildState | undefined
  /** Canonical JSON of the state, or the empty string. */
  readonly json: string
  /** In the order of replay. */
  readonly verdicts: ReadonlyMap<EventId, Verdict>
}

/**
 * R(F) word for word as the design has it (section 5), slow and obvious: what the fast resolver must always agree with. Results
 * are kept by frontier, only because ranks need R of every frontier below and would take for ever.
 */
export function createReferenceLaw(events: readonly LawEvent[]): (frontier: readonly EventId[]) => ReferenceOutcome {
  const byId = new Map(events.map((event) => [event.event_id, event]))
  const known = new Map<string, ReferenceOutcome>()

  function resolve(frontier: readonly EventId[]): ReferenceOutcome {
    const key = [...frontier].sort().join()
    const outcome = known.get(key) ?? replay(inOrder(pastOf(frontier)))
    known.set(key, outcome)
    return outcome
  }

  function pastOf(frontier: readonly EventId[], past = new Set<LawEvent>()): Set<LawEvent> {
    for (const id of frontier) {
      const event = byId.get(id)
      if (!event) throw new Error(`no event ${id}`)
      if (past.has(event)) continue
      past.add(event)
      pastOf(event.auth_events, past)
    }
    return past
  }

  function inOrder(past: ReadonlySet<LawEvent>): LawEvent[] {
    const order: LawEvent[] = []
    const waiting = new Set(past)
    while (waiting.size > 0) {
      const placed = new Set(order.map((event) => event.event_id))
      const ready = [...waiting].filter((event) => event.auth_events.every((id) => placed.has(id)))
      const [first] = ready.sort(
        (left, right) =>
          rankAtCreation(right) - rankAtCreation(left) ||
          left.origin_ts - right.origin_ts ||
          (left.event_id < right.event_id ? -1 : 1),
      )
      if (!first) throw new Error('the graph has a cycle')
      order.push(first)
      waiting.delete(first)
    }
    return order
  }

  function rankAtCreation(event: LawEvent): number {
    const { state } = resolve(event.auth_events)
    return state ? rankOf(state, actorOf(event)) : -1
  }

  return resolve
}

function replay(order: readonly LawEvent[]): ReferenceOutcome {
  const verdicts = new Map<EventId, Verdict>()
  let state: GuildState | undefined
  for (const event of order) {
    const verdict = authorize(event, state)
    verdicts.set(event.event_id, verdict)
    if (verdict.kind === 'allowed') state = apply(event, state)
  }
  return { state, json: state ? stateJson(state) : '', verdicts }
}

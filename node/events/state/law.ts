import type { EventId, GuildId } from '../../base/ids.ts'
import { ALLOWED, type LawVerdict } from '../auth/verdict.ts'
import type { LawEvent } from '../schema/event.ts'
import type { GuildState } from './guild-state.ts'
import { covers, createLawGraph } from './law-graph.ts'
import { createHits } from './hits.ts'
import { createLawOrder } from './law-order.ts'
import { createOutcomes } from './outcomes.ts'
import type { Outcome } from './replay.ts'
import { stateHash } from './state-hash.ts'
import { whereMade } from './where-made.ts'

/** What the law says at a frontier: a value, untouched by events added later. */
export interface Resolved {
  /** Undefined until the past of the frontier holds the guild's `guild.create`. */
  readonly state: GuildState | undefined
  /** `stateHash` of the state, computed when first asked; empty without a state. */
  readonly hash: string
  /** The verdict on a law event of the frontier or of its past; undefined for others. */
  verdictOf(id: EventId): LawVerdict | undefined
}

/** The law events of one guild and what follows from them (design 5). Holds no timeline events. */
export interface Law {
  /** Idempotent. Throws when the event is of another guild or one of its `auth_events` was not added before. */
  add(event: LawEvent): void
  has(id: EventId): boolean
  readonly size: number
  /** The law frontier: events no other law event links to, sorted. */
  heads(): readonly EventId[]
  /** R of everything added. */
  current(): Resolved
  /** R(frontier). Throws for ids that were not added. The empty frontier is the time before the guild. */
  at(frontier: readonly EventId[]): Resolved
  /** Whether each id is in the frontier or in its past. Unknown ids are not; throws for an unknown frontier. */
  covers(frontier: readonly EventId[], ids: readonly EventId[]): boolean
}

/**
 * State as a pure function of the set of law events, whatever order they come in (design 5):
 * 1. Removals first: which of them stand, and which concurrent acts they void (`hits.ts`, `segment.ts`). What is void keeps its
 *    place in the order.
 * 2. One total order, in which a sender has the rank of where the event was made (`law-order.ts`).
 * 3. Replay with `authorize` and `apply` (`replay.ts`).
 *
 * An event behind all others costs one step of replay. What is concurrent is resolved when somebody asks next, from the last
 * event on that has no concurrent one (`outcomes.ts`).
 */
export function createLaw(guildId: GuildId): Law {
  const graph = createLawGraph()
  const order = createLawOrder()
  const hits = createHits()
  const outcomes = createOutcomes({ graph, order, hits })
  let now: Resolved | undefined

  function add(event: LawEvent): void {
    if (graph.find(event.event_id)) return
    if (event.room_id !== guildId) throw new Error(`${event.event_id} is of the guild ${event.room_id}`)
    const { state } = outcomes.at(event.auth_events)
    const arrival = graph.add(event, whereMade(event, state))
    order.insert(arrival.node) // 2
    hits.note(arrival) // 1
    outcomes.note(arrival)
    now = undefined
  }

  function current(): Resolved {
    if (now) return now
    const size = graph.size
    now = createResolved(outcomes.at(graph.heads()), (id) => (graph.find(id)?.arrival ?? size) < size)
    return now
  }

  function isCovered(frontier: readonly EventId[], ids: readonly EventId[]): boolean {
    const nodes = graph.nodesAt(frontier)
    const targets = ids.map((id) => graph.find(id))
    return targets.every((node) => node !== undefined) && covers(nodes, targets)
  }

  return {
    add,
    has: (id) => graph.find(id) !== undefined,
    get size() {
      return graph.size
    },
    heads: graph.heads,
    current,
    at: (frontier) => createResolved(outcomes.at(frontier), (id) => isCovered(frontier, [id])),
    covers: isCovered,
  }
}

function createResolved({ state, without }: Outcome, includes: (id: EventId) => boolean): Resolved {
  let hash: string | undefined
  return {
    state,
    get hash() {
      hash ??= state ? stateHash(state) : ''
      return hash
    },
    verdictOf: (id) => without.get(id) ?? (includes(id) ? ALLOWED : undefined),
  }
}

import type { EventId } from '../../base/ids.ts'
import type { LawGraph, LawNode } from './law-graph.ts'
import type { LawOrder } from './law-order.ts'
import { createRecent } from './recent.ts'
import { createReplay, type Outcome, replayOne } from './replay.ts'

/** R(F) for any frontier of the graph. */
export interface Outcomes {
  /** Throws for ids that were not added. */
  at(frontier: readonly EventId[]): Outcome
  /** Tells that the order has changed from this place on. No outcome does: the past of a frontier never grows. */
  changedFrom(place: number): void
}

/** Frontiers whose outcome is kept: those of the nodes that write at the same time, and some that were looked up. */
const KEPT_FRONTIERS = 256

/**
 * Three ways, the cheap ones first:
 * - Of the heads, the replay of the whole order is kept up to date.
 * - A single event comes last in the order of its past, so it is one step on from where it was made, if that is still kept.
 * - Otherwise the order is replayed without what lies outside, from the first place where that makes a difference.
 */
export function createOutcomes(graph: LawGraph, order: LawOrder): Outcomes {
  const replay = createReplay(order)
  const kept = createRecent<string, Outcome>(KEPT_FRONTIERS)

  function at(frontier: readonly EventId[]): Outcome {
    const key = keyOf(frontier)
    if (key === keyOf(graph.heads())) return replay.after(order.length)
    const known = kept.get(key)
    if (known) return known
    const nodes = graph.nodesAt(frontier)
    const outcome = stepFromWhereItWasMade(nodes) ?? replayWithout(graph.outside(nodes))
    kept.set(key, outcome)
    return outcome
  }

  function stepFromWhereItWasMade([only, ...others]: readonly LawNode[]): Outcome | undefined {
    if (!only || others.length > 0) return undefined
    const before = kept.get(keyOf(only.event.auth_events))
    return before && replayOne(before, only.event)
  }

  function replayWithout(outside: ReadonlySet<LawNode>): Outcome {
    const same = [...outside].reduce((place, node) => Math.min(place, order.placeOf(node)), order.length)
    let outcome = replay.after(same)
    for (let place = same; place < order.length; place += 1) {
      const node = order.nodeAt(place)
      if (!outside.has(node)) outcome = replayOne(outcome, node.event)
    }
    return outcome
  }

  return { at, changedFrom: replay.changedFrom }
}

/** Most frontiers are one event. */
const keyOf = (frontier: readonly EventId[]): string =>
  frontier.length === 1 ? (frontier[0] ?? '') : [...frontier].sort().join(' ')

import type { EventId } from '../../base/ids.ts'
import type { Hits } from './hits.ts'
import type { Arrival, LawGraph, LawNode } from './law-graph.ts'
import type { LawOrder } from './law-order.ts'
import { createRecent } from './recent.ts'
import { BEFORE_EVERYTHING, type Outcome, replayOne } from './replay.ts'
import { createRun, type Run } from './run.ts'
import { resolveSegment } from './segment.ts'

/** R(F) for any frontier of the graph. No outcome ever changes: the past of a frontier never grows. */
export interface Outcomes {
  /** Throws for ids that were not added. */
  at(frontier: readonly EventId[]): Outcome
  /** Call it once for each event, when it has its place. */
  note(arrival: Arrival): void
}

export interface OutcomesDeps {
  readonly graph: LawGraph
  readonly order: LawOrder
  readonly hits: Hits
}

/** Frontiers whose outcome is kept: those of the nodes that write at the same time, and some that were looked up. */
const KEPT_FRONTIERS = 256

/** Every so many events behind which nothing was concurrent, the outcome is kept for good: where a look into the past starts from. */
const MILESTONE = 32

/**
 * Down from the frontier, cut by cut, to an outcome that is kept, and up again. What lies below a cut is settled without what
 * lies above, so a single event is one step on from where it was made.
 */
export function createOutcomes({ graph, order, hits }: OutcomesDeps): Outcomes {
  const kept = createRecent<string, Outcome>(KEPT_FRONTIERS)
  const milestones = new Map<LawNode, Outcome>()
  let latestMilestone = 0
  let latest: { cut: LawNode | undefined; run: Run } | undefined

  function at(frontier: readonly EventId[]): Outcome {
    const stages: Stage[] = []
    let rest: readonly LawNode[] = graph.nodesAt(frontier)
    let outcome = find(rest)
    for (; !outcome; outcome = find(rest)) {
      const stage = stageOf(rest)
      stages.push(stage)
      rest = stage.below
    }
    for (const stage of stages.reverse()) {
      outcome = stage.above(outcome)
      kept.set(stage.key, outcome)
    }
    return outcome
  }

  function find(nodes: readonly LawNode[]): Outcome | undefined {
    const [only] = nodes
    if (!only) return BEFORE_EVERYTHING
    return (nodes.length === 1 ? milestones.get(only) : undefined) ?? kept.get(keyOf(nodes))
  }

  function stageOf(nodes: readonly LawNode[]): Stage {
    const key = keyOf(nodes)
    const [only, ...others] = nodes
    if (only && others.length === 0) return { key, below: only.parents, above: (outcome) => replayOne(outcome, only) }
    const outside = new Set(graph.outside(nodes))
    const cut = graph.lastCut(outside)
    return {
      key,
      below: cut ? [cut] : [],
      above: (outcome) => resolveSegment(runFrom(cut, { outcome, outside }), hits),
    }
  }

  function runFrom(cut: LawNode | undefined, { outcome, outside }: Ground): Run {
    const nodes = order.after(cut).filter((node) => !outside.has(node))
    const run = latest && latest.cut === cut ? latest.run.along(nodes) : createRun(nodes, outcome)
    latest = { cut, run }
    return run
  }

  function note({ node, concurrent }: Arrival): void {
    if (concurrent.length > 0 || node.arrival < latestMilestone + MILESTONE) return
    latestMilestone = node.arrival
    milestones.set(node, at([node.event.event_id]))
  }

  return { at, note }
}

/** One step of the way down: an event, or what lies above a cut. */
interface Stage {
  readonly key: string
  readonly below: readonly LawNode[]
  /** From the outcome of what lies below to that of the frontier. */
  above(outcome: Outcome): Outcome
}

interface Ground {
  readonly outcome: Outcome
  readonly outside: ReadonlySet<LawNode>
}

/** Most frontiers are one event. */
const keyOf = (frontier: readonly LawNode[]): string =>
  frontier.length === 1
    ? (frontier[0]?.event.event_id ?? '')
    : frontier
        .map((node) => node.event.event_id)
        .sort()
        .join(' ')

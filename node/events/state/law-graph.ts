import type { EventId } from '../../base/ids.ts'
import type { LawEvent } from '../schema/event.ts'

/** A law event in the graph whose edges are `auth_events`. */
export interface LawNode {
  readonly event: LawEvent
  /** Counts from 0 in order of arrival, so what an event links to has smaller numbers. */
  readonly arrival: number
  readonly parents: readonly LawNode[]
  /** Rank of the sender in R(auth_events), where the event was made. */
  readonly rank: number
}

/** The law graph of a guild: grows only, and what is in the past of an event never changes. */
export interface LawGraph {
  readonly size: number
  find(id: EventId): LawNode | undefined
  /** The nodes of a frontier. Throws for an id that was not added. */
  nodesAt(frontier: readonly EventId[]): LawNode[]
  /** The event is new. Throws when it links to one that was not added. */
  add(event: LawEvent, rank: number): LawNode
  /** Events nothing links to, sorted by id. */
  heads(): readonly EventId[]
  /** Everything that is neither in the frontier nor in its past. Costs what arrived since, not what lies before. */
  outside(frontier: readonly LawNode[]): Set<LawNode>
}

export function createLawGraph(): LawGraph {
  const nodes: LawNode[] = []
  const byId = new Map<EventId, LawNode>()
  const tips = new Set<LawNode>()
  let sortedHeads: readonly EventId[] = []

  function nodesAt(frontier: readonly EventId[]): LawNode[] {
    return frontier.map((id) => {
      const node = byId.get(id)
      if (!node) throw new Error(`the law does not hold ${id}`)
      return node
    })
  }

  function add(event: LawEvent, rank: number): LawNode {
    const node = { event, rank, arrival: nodes.length, parents: nodesAt(event.auth_events) }
    nodes.push(node)
    byId.set(event.event_id, node)
    for (const parent of node.parents) tips.delete(parent)
    tips.add(node)
    sortedHeads = [...tips].map((tip) => tip.event.event_id).sort()
    return node
  }

  return {
    get size() {
      return nodes.length
    },
    find: (id) => byId.get(id),
    nodesAt,
    add,
    heads: () => sortedHeads,
    outside: (frontier) => outsideOf(frontier, { nodes, tips }),
  }
}

/** Whether each target is in the frontier or in its past. Costs what lies between them. */
export function covers(frontier: readonly LawNode[], targets: readonly LawNode[]): boolean {
  const wanted = new Set(targets)
  const oldest = targets.reduce((arrival, node) => Math.min(arrival, node.arrival), Infinity)
  const visited = new Set<LawNode>()
  const stack = [...frontier]
  for (let node = stack.pop(); node && wanted.size > 0; node = stack.pop()) {
    if (visited.has(node)) continue
    visited.add(node)
    wanted.delete(node)
    for (const parent of node.parents) if (parent.arrival >= oldest) stack.push(parent)
  }
  return wanted.size === 0
}

interface Nodes {
  /** In order of arrival. */
  readonly nodes: readonly LawNode[]
  readonly tips: ReadonlySet<LawNode>
}

/** Walks down from the newest arrival until all that was reached below lies in the past of the frontier. */
function outsideOf(frontier: readonly LawNode[], { nodes, tips }: Nodes): Set<LawNode> {
  const outside = new Set<LawNode>()
  const past = new Set(frontier)
  const reached = new Set([...tips].filter((tip) => !past.has(tip)))
  for (let arrival = nodes.length - 1; reached.size > 0; arrival -= 1) {
    const node = nodes[arrival]
    if (!node) break
    // All that links to the node arrived later and was visited: nothing can put it into the past any more.
    if (!past.has(node)) outside.add(node)
    reached.delete(node)
    for (const parent of node.parents) {
      if (!outside.has(node)) past.add(parent)
      if (past.has(parent)) reached.delete(parent)
      else reached.add(parent)
    }
  }
  return outside
}

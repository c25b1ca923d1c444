import type { EventId } from '../../base/ids.ts'
import type { LawEvent } from '../schema/event.ts'
import type { Nature, WhereMade } from './where-made.ts'

/** A law event in the graph whose edges are `auth_events`. */
export interface LawNode {
  readonly event: LawEvent
  /** Counts from 0 in order of arrival, so what an event links to has smaller numbers. */
  readonly arrival: number
  readonly parents: readonly LawNode[]
  /** How many events are in its past. */
  readonly pastSize: number
  /** Rank of the sender in R(auth_events), where the event was made. */
  readonly rank: number
  readonly nature: Nature
}

/** The law graph of a guild: grows only, and what is in the past of an event never changes. */
export interface LawGraph {
  readonly size: number
  find(id: EventId): LawNode | undefined
  /** The nodes of a frontier. Throws for an id that was not added. */
  nodesAt(frontier: readonly EventId[]): LawNode[]
  /** The event is new. Throws when it links to one that was not added. Gives also what was added before and is concurrent. */
  add(event: LawEvent, whereMade: WhereMade): Arrival
  /** Events nothing links to, sorted by id. */
  heads(): readonly EventId[]
  /** What is neither in the frontier nor in its past, last arrivals first. Costs what arrived since, not what lies before. */
  outside(frontier: readonly LawNode[]): readonly LawNode[]
  /**
   * The newest event of a frontier's past, the frontier included, that has no concurrent one in there: everything else is in its
   * past or comes after it. Undefined when there is none. `outside` is that of the frontier.
   */
  lastCut(outside: ReadonlySet<LawNode>): LawNode | undefined
}

export interface Arrival {
  readonly node: LawNode
  /** Last arrivals first. */
  readonly concurrent: readonly LawNode[]
}

export function createLawGraph(): LawGraph {
  const nodes: LawNode[] = []
  const byId = new Map<EventId, LawNode>()
  const tips = new Set<LawNode>()
  const outsideOf = createOutside(nodes, tips)
  let sortedHeads: readonly EventId[] = []

  function nodesAt(frontier: readonly EventId[]): LawNode[] {
    return frontier.map((id) => {
      const node = byId.get(id)
      if (!node) throw new Error(`the law does not hold ${id}`)
      return node
    })
  }

  function add(event: LawEvent, whereMade: WhereMade): Arrival {
    const parents = nodesAt(event.auth_events)
    const concurrent = outsideOf(parents)
    const arrival = nodes.length
    const node = { event, arrival, parents, pastSize: arrival - concurrent.length, ...whereMade }
    nodes.push(node)
    byId.set(event.event_id, node)
    for (const parent of node.parents) tips.delete(parent)
    tips.add(node)
    sortedHeads = [...tips].map((tip) => tip.event.event_id).sort()
    return { node, concurrent }
  }

  return {
    get size() {
      return nodes.length
    },
    find: (id) => byId.get(id),
    nodesAt,
    add,
    heads: () => sortedHeads,
    outside: outsideOf,
    lastCut: (outside) => lastCutOf(nodes, outside),
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

/**
 * Walks down from the newest arrival until all that was reached below lies in the past of the frontier. Every event that arrives
 * while others are concurrent asks for this, so it notes what it meets in two arrays that are written over and never emptied.
 */
function createOutside(nodes: readonly LawNode[], tips: ReadonlySet<LawNode>) {
  /** By arrival: the walk in which the node was found to be in the past, and in which it was reached. */
  const past: number[] = []
  const reached: number[] = []
  let walk = 0

  return function outsideOf(frontier: readonly LawNode[]): readonly LawNode[] {
    walk += 1
    const outside: LawNode[] = []
    let open = 0
    for (const node of frontier) past[node.arrival] = walk
    for (const tip of tips) reach(tip)
    for (let arrival = nodes.length - 1; open > 0; arrival -= 1) {
      const node = nodes[arrival]
      if (!node) break
      if (reached[arrival] === walk && past[arrival] !== walk) open -= 1
      // All that links to the node arrived later and was visited: nothing can put it into the past any more.
      if (past[arrival] !== walk) outside.push(node)
      for (const parent of node.parents) {
        if (past[arrival] === walk) enterPast(parent)
        else reach(parent)
      }
    }
    return outside

    function reach({ arrival }: LawNode): void {
      if (past[arrival] === walk || reached[arrival] === walk) return
      reached[arrival] = walk
      open += 1
    }

    function enterPast({ arrival }: LawNode): void {
      if (past[arrival] !== walk && reached[arrival] === walk) open -= 1
      past[arrival] = walk
    }
  }
}

/**
 * Walks down from the newest arrival. A node is the cut when the rest of the past is all its own, and when everything above
 * comes after it: each of them links to something that is not older than the node, and so to the node or, over others, down to it.
 */
function lastCutOf(nodes: readonly LawNode[], outside: ReadonlySet<LawNode>): LawNode | undefined {
  let left = nodes.length - outside.size
  let oldestLink = Infinity
  for (let arrival = nodes.length - 1; left > 0; arrival -= 1) {
    const node = nodes[arrival]
    if (!node || outside.has(node)) continue
    left -= 1
    if (oldestLink >= arrival && node.pastSize === left) return node
    oldestLink = Math.min(oldestLink, newestLinkOf(node))
  }
  return undefined
}

const newestLinkOf = (node: LawNode): number =>
  node.parents.reduce((newest, parent) => Math.max(newest, parent.arrival), -1)

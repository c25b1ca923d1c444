import type { LawNode } from './law-graph.ts'

/** The total order in which the events of the law graph are replayed (design 5, step 2). */
export interface LawOrder {
  /** What stands behind this event, or everything. Throws for one without a place. */
  after(node: LawNode | undefined): LawNode[]
  /** Gives an event its place, and moves those behind it. Parents first. */
  insert(node: LawNode): void
}

/**
 * Topological; among the ready ones first the higher rank, then the earlier clock, then the smaller id. Kept up to date by
 * insertion, which rests on two facts about that greedy order:
 * - A new event unlocks nothing, as nothing links to it yet. So the others keep their order among themselves, and it stands
 *   before the first one behind its parents that it precedes.
 * - For the same reason the order of any past is this order with the rest left out: the rest can be taken away event by
 *   event, last ones first.
 */
export function createLawOrder(): LawOrder {
  const order: LawNode[] = []
  /** By arrival. */
  const places: number[] = []

  function nodeAt(place: number): LawNode {
    const node = order[place]
    if (!node) throw new RangeError(`no law event at place ${place}`)
    return node
  }

  function placeOf(node: LawNode): number {
    const place = places[node.arrival]
    if (place === undefined) throw new Error(`${node.event.event_id} has no place yet`)
    return place
  }

  function insert(node: LawNode): void {
    let place = node.parents.reduce((after, parent) => Math.max(after, placeOf(parent) + 1), 0)
    while (place < order.length && !precedes(node, nodeAt(place))) place += 1
    order.splice(place, 0, node)
    for (let index = place; index < order.length; index += 1) places[nodeAt(index).arrival] = index
  }

  return { after: (node) => order.slice(node ? placeOf(node) + 1 : 0), insert }
}

/** Of two that are both ready: the higher rank where made, then the earlier clock, then the smaller id. */
export function precedes(left: LawNode, right: LawNode): boolean {
  if (left.rank !== right.rank) return left.rank > right.rank
  if (left.event.origin_ts !== right.event.origin_ts) return left.event.origin_ts < right.event.origin_ts
  return left.event.event_id < right.event.event_id
}

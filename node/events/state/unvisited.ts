import type { Stretch } from './hits.ts'
import type { LawNode } from './law-graph.ts'

/** Visits each act of a subject once, however many stretches cover it. */
export interface Unvisited {
  visit(stretch: Stretch, visitor: (node: LawNode) => void): void
}

export function createUnvisited(): Unvisited {
  /** For each subject: where an index was visited, one behind it up to which all were. */
  const visitedOn = new Map<Stretch['acts'], Map<number, number>>()

  function visit({ acts, from, to }: Stretch, visitor: (node: LawNode) => void): void {
    const visited = visitedOn.get(acts) ?? new Map<number, number>()
    visitedOn.set(acts, visited)
    const passed: number[] = []
    let index = from
    while (index < to) {
      passed.push(index)
      const skip = visited.get(index)
      const node = acts[index]
      if (skip === undefined && node) visitor(node)
      index = skip ?? index + 1
    }
    for (const start of passed) visited.set(start, index)
  }

  return { visit }
}

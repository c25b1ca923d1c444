import type { Hits } from './hits.ts'
import type { LawNode } from './law-graph.ts'
import { precedes } from './law-order.ts'
import { judge, type Outcome, type Ruling } from './replay.ts'
import type { Run } from './run.ts'
import { createUnvisited } from './unvisited.ts'

/**
 * Removals first (design 5, step 1), in a stretch of the order in which everything may be concurrent.
 *
 * Nothing stands and nothing is void at first. Replay; among the removals that the replay lets pass and that do not stand yet,
 * the first one by `precedes` stands from now on, and what it hits is void from now on, except what stands. Again, until no
 * removal is left. So a removal of a higher rank is found to stand before one of a lower rank can do anything to it, a removal
 * that has lost its ground voids nothing, and in the end just those removals void anything that have an effect themselves.
 *
 * The replay goes only as far as the next removal in question, and goes on from the first place that has changed since.
 */
export function resolveSegment(plain: Run, hits: Hits): Outcome {
  const removals = plain.nodes.filter((node) => node.nature.kind === 'removal')
  if (!removals.some((node) => hits.of(node).length > 0)) return plain.before(plain.nodes.length)

  const rulings = createRulings(plain.fork())
  const unvisited = createUnvisited()
  const waiting = new Set(removals.sort((left, right) => (precedes(left, right) ? -1 : 1)))
  for (;;) {
    const next = waiting.values().find(rulings.letsPass)
    if (!next) return rulings.outcome()
    rulings.stand(next)
    waiting.delete(next)
    for (const stretch of hits.of(next))
      unvisited.visit(stretch, (node) => {
        if (rulings.void(node, next)) waiting.delete(node)
      })
  }
}

interface Rulings {
  /** Whether the removal has an effect, by the rulings so far. */
  letsPass(removal: LawNode): boolean
  /** For a removal that was let pass, so that the replay stays as it is. */
  stand(removal: LawNode): void
  /** False for what stands or is void already, and for what is not in the run. */
  void(node: LawNode, by: LawNode): boolean
  outcome(): Outcome
}

function createRulings(run: Run): Rulings {
  const places = new Map(run.nodes.map((node, place) => [node, place]))
  const ruled = new Set<LawNode>()
  /** Asked since the last change below them. */
  const refused = new Map<LawNode, number>()

  function letsPass(removal: LawNode): boolean {
    const place = places.get(removal)
    if (place === undefined || refused.has(removal)) return false
    const passes = judge(removal, run.before(place).state).kind === 'allowed'
    if (!passes) refused.set(removal, place)
    return passes
  }

  function rule(node: LawNode, ruling: Ruling): boolean {
    const place = places.get(node)
    if (place === undefined || ruled.has(node)) return false
    ruled.add(node)
    run.rule(place, ruling)
    if (ruling.kind === 'voided') for (const [other, at] of refused) if (at > place) refused.delete(other)
    return true
  }

  return {
    letsPass,
    stand: (removal) => void rule(removal, { kind: 'stands' }),
    void: (node, by) => rule(node, { kind: 'voided', by }),
    outcome: () => run.before(run.nodes.length),
  }
}

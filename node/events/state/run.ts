import type { LawNode } from './law-graph.ts'
import { type Outcome, replayOne, type Ruling } from './replay.ts'

/** The replay of a stretch of the order, carried as far as somebody asks. */
export interface Run {
  readonly nodes: readonly LawNode[]
  /** The outcome before the event at this place. At the length: that of all. */
  before(place: number): Outcome
  /** Another ruling on the event at this place: what was replayed from there on holds no longer. */
  rule(place: number, ruling: Ruling): void
  /** The same with rulings of its own from now on. */
  fork(): Run
  /** The run of another stretch on the same ground, which takes over what the two have in common at their beginning. Without rulings. */
  along(nodes: readonly LawNode[]): Run
}

/** Events between two kept outcomes: what a look back replays at most. */
const STRIDE = 16

export const createRun = (nodes: readonly LawNode[], ground: Outcome): Run => continueRun(nodes, [ground], new Map())

/** `kept` holds the outcome at every `STRIDE`th place, as far as known, and the ground at least. */
function continueRun(nodes: readonly LawNode[], kept: Outcome[], rulings: Map<number, Ruling>): Run {
  let furthest = lastKept(kept)

  function before(place: number): Outcome {
    if (place < furthest.place) return replay(keptUpTo(kept, place), place)
    furthest = { place, outcome: replay(furthest, place) }
    return furthest.outcome
  }

  function replay(from: Kept, end: number): Outcome {
    let { outcome } = from
    for (let place = from.place; place < end; place += 1) {
      const node = nodes[place]
      if (!node) throw new RangeError(`no law event at place ${place}`)
      outcome = replayOne(outcome, node, rulings.get(place))
      if ((place + 1) % STRIDE === 0) kept[(place + 1) / STRIDE] = outcome
    }
    return outcome
  }

  function rule(place: number, ruling: Ruling): void {
    rulings.set(place, ruling)
    if (place >= furthest.place) return
    kept.length = Math.floor(place / STRIDE) + 1
    furthest = lastKept(kept)
  }

  function along(others: readonly LawNode[]): Run {
    const parting = others.findIndex((node, place) => node !== nodes[place])
    const common = Math.min(parting < 0 ? others.length : parting, nodes.length)
    return continueRun(others, kept.slice(0, Math.floor(common / STRIDE) + 1), new Map())
  }

  return { nodes, before, rule, fork: () => continueRun(nodes, [...kept], new Map(rulings)), along }
}

interface Kept {
  readonly place: number
  readonly outcome: Outcome
}

const lastKept = (kept: readonly Outcome[]): Kept => keptUpTo(kept, (kept.length - 1) * STRIDE)

function keptUpTo(kept: readonly Outcome[], place: number): Kept {
  const index = Math.floor(place / STRIDE)
  const outcome = kept[index]
  if (!outcome) throw new RangeError(`no outcome is kept at place ${place}`)
  return { place: index * STRIDE, outcome }
}

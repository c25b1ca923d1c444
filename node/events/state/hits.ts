import type { InviteId } from '../../base/ids.ts'
import { actorOf } from '../auth/act.ts'
import { createdBy } from '../auth/created-id.ts'
import type { MemberKey } from './guild-state.ts'
import type { Arrival, LawNode } from './law-graph.ts'
import { aimsOf, type Subject, subjectsOf } from './subjects.ts'

/**
 * What each removal would void if it stood: the acts it is aimed at that are concurrent with it, whichever of the two arrived
 * first. A relation of the graph alone: it says nothing about which removals stand.
 */
export interface Hits {
  note(arrival: Arrival): void
  /** None for what is no lawful removal. */
  of(removal: LawNode): readonly Stretch[]
}

/**
 * Acts on one subject, from one index to before another. Two sides that are both chains, as long as a hostile history may make
 * them, hit each other in one stretch each; pair by pair they would fill the memory.
 */
export interface Stretch {
  /** In order of arrival; grows only. */
  readonly acts: readonly LawNode[]
  readonly from: number
  readonly to: number
}

interface Place {
  readonly acts: LawNode[]
  readonly index: number
}

export function createHits(): Hits {
  const actsOn = new Map<Subject, LawNode[]>()
  const placesOf = new Map<LawNode, ReadonlyMap<Subject, Place>>()
  const aims = new Map<LawNode, readonly Subject[]>()
  const makers = new Map<InviteId, LawNode>()
  const stretches = new Map<LawNode, Stretch[]>()

  function note({ node, concurrent }: Arrival): void {
    if (node.event.event_type === 'invite.create') makers.set(createdBy(node.event), node)
    const places = new Map(subjectsIn(node, concurrent).map((subject) => [subject, placeOn(subject, node)]))
    placesOf.set(node, places)
    for (const other of concurrent) if (other.nature.kind === 'removal') hit(other, places)
    if (node.nature.kind !== 'removal') return
    aims.set(node, aimsOf(node.nature.event))
    // Oldest first, so that stretches grow at their ends.
    for (const other of concurrent.toReversed()) hit(node, placesOf.get(other))
  }

  function subjectsIn({ event }: LawNode, concurrent: readonly LawNode[]): readonly Subject[] {
    return subjectsOf(event, (inviteId): MemberKey | undefined => {
      const maker = makers.get(inviteId)
      return maker && !concurrent.includes(maker) ? actorOf(maker.event) : undefined
    })
  }

  function placeOn(subject: Subject, node: LawNode): Place {
    const acts = actsOn.get(subject) ?? []
    actsOn.set(subject, acts)
    acts.push(node)
    return { acts, index: acts.length - 1 }
  }

  function hit(removal: LawNode, places: ReadonlyMap<Subject, Place> | undefined): void {
    for (const aim of aims.get(removal) ?? []) {
      const place = places?.get(aim)
      if (place) lengthen(stretchesOf(removal), place)
    }
  }

  function stretchesOf(removal: LawNode): Stretch[] {
    const known = stretches.get(removal) ?? []
    stretches.set(removal, known)
    return known
  }

  return { note, of: (removal) => stretches.get(removal) ?? NONE }
}

const NONE: readonly Stretch[] = []

function lengthen(stretches: Stretch[], { acts, index }: Place): void {
  const last = stretches.findIndex((stretch) => stretch.acts === acts && stretch.to === index)
  const grown = { acts, from: stretches[last]?.from ?? index, to: index + 1 }
  if (last < 0) stretches.push(grown)
  else stretches[last] = grown
}

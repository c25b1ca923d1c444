import type { EventId } from '../../base/ids.ts'
import { apply } from '../auth/apply.ts'
import { authorize } from '../auth/authorize.ts'
import { applyRemoval, authorizeRemoval } from '../auth/removal.ts'
import { ALLOWED, type LawVerdict } from '../auth/verdict.ts'
import type { GuildState } from './guild-state.ts'
import type { LawNode } from './law-graph.ts'
import { PersistentMap } from './persistent-map.ts'

/** What came of replaying some events. A value: replaying on makes a new one. */
export interface Outcome {
  readonly state: GuildState | undefined
  /** The replayed events without effect; the others were allowed. */
  readonly without: PersistentMap<EventId, WithoutEffect>
}

export type WithoutEffect = Exclude<LawVerdict, { kind: 'allowed' }>

/** What was found out about an event before its replay (`segment.ts`). */
export type Ruling = { readonly kind: 'stands' } | { readonly kind: 'voided'; readonly by: LawNode }

export const BEFORE_EVERYTHING: Outcome = { state: undefined, without: PersistentMap.of() }

/** The one place where a law event in its place in the order gets its verdict. What is refused has no effect and stays on record. */
export function replayOne({ state, without }: Outcome, node: LawNode, ruling?: Ruling): Outcome {
  const verdict = judge(node, state, ruling)
  return verdict.kind === 'allowed'
    ? { state: stateAfter(node, state), without }
    : { state, without: without.with(node.event.event_id, verdict) }
}

/** Whether the replay lets the event pass in this state. */
export function judge({ event, nature }: LawNode, state: GuildState | undefined, ruling?: Ruling): LawVerdict {
  if (ruling) return ruling.kind === 'stands' ? ALLOWED : voidedBy(ruling.by)
  if (nature.kind === 'unlawful_removal') return nature.refusal
  if (nature.kind === 'removal' && state) return authorizeRemoval(nature.event, state)
  return authorize(event, state)
}

const voidedBy = (removal: LawNode): LawVerdict => ({
  kind: 'voided',
  code: 'voided',
  removal: removal.event.event_id,
})

const stateAfter = ({ event, nature }: LawNode, state: GuildState | undefined): GuildState =>
  nature.kind === 'removal' && state ? applyRemoval(nature.event, state) : apply(event, state)

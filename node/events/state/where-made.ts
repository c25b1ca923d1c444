import { actorOf } from '../auth/act.ts'
import { authorize } from '../auth/authorize.ts'
import { findRemoval, type RemovalEvent } from '../auth/removal.ts'
import type { Refusal } from '../auth/verdict.ts'
import type { LawEvent } from '../schema/event.ts'
import type { GuildState } from './guild-state.ts'
import { rankOf, STRANGER_RANK } from './permissions-of.ts'

/** What an event is by R(auth_events), where it was made. Fixed for ever: its past never changes. */
export interface WhereMade {
  /** Of the sender. */
  readonly rank: number
  readonly nature: Nature
}

export type Nature =
  /** Judged where it comes to stand in the order. */
  | { readonly kind: 'act' }
  /** Lawful where it was made: has no effect only if its sender has no right to it in the end, or if it is void. */
  | { readonly kind: 'removal'; readonly event: RemovalEvent }
  /** A removal its sender had no right to where it was made: refused for good, or it could reach as far back as it likes. */
  | { readonly kind: 'unlawful_removal'; readonly refusal: Refusal }

export const whereMade = (event: LawEvent, state: GuildState | undefined): WhereMade => ({
  rank: state ? rankOf(state, actorOf(event)) : STRANGER_RANK,
  nature: natureOf(event, state),
})

function natureOf(event: LawEvent, state: GuildState | undefined): Nature {
  const removal = findRemoval(event, state)
  if (!removal) return ACT
  const verdict = authorize(event, state)
  return verdict.kind === 'allowed'
    ? { kind: 'removal', event: removal }
    : { kind: 'unlawful_removal', refusal: verdict }
}

const ACT: Nature = { kind: 'act' }

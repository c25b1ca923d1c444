import type { LawEventOf, LawEventType } from '../schema/event.ts'
import type { GuildState } from '../state/guild-state.ts'
import type { LawAct } from './act.ts'
import type { Refusal } from './verdict.ts'

/** The genesis is judged before there is a state, so it has its own place in `authorize` and `apply`. */
export type RuledType = Exclude<LawEventType, 'guild.create'>

/** The law for one event type, in an existing guild. */
export interface Rule<Type extends RuledType> {
  /** The sender of everything but a join was found to be a member before. */
  check(act: LawAct<Type>, state: GuildState): Refusal | undefined
  /** Called only with events that `check` let pass in this very state. */
  apply(event: LawEventOf<Type>, state: GuildState): GuildState
}

import type { LawEvent } from '../schema/event.ts'
import type { GuildState } from '../state/guild-state.ts'

/** The state after a law event that `authorize` allowed in `state`. Shares what did not change; `state` stays as it was. */
export declare function apply(event: LawEvent, state: GuildState | undefined): GuildState

import type { GuildState } from '../state/guild-state.ts'
import type { Act } from './act.ts'
import type { Verdict } from './verdict.ts'

/**
 * The one law, for local drafts and remote events, law and timeline alike: may this happen in a guild that is in this state?
 * `state` is undefined before the guild's `guild.create`. Pure: the same act and state give the same verdict everywhere.
 */
export declare function authorize(act: Act, state: GuildState | undefined): Verdict

import type { GuildState } from './guild-state.ts'

/** Canonical JSON of the state: equal exactly when the states are equal, whatever order their events came in. */
export declare function stateJson(state: GuildState): string

/** Hex BLAKE3 of `stateJson`. Nodes compare it to see that they agree. */
export declare function stateHash(state: GuildState): string

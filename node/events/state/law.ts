import type { EventId, GuildId } from '../../base/ids.ts'
import type { Verdict } from '../auth/verdict.ts'
import type { LawEvent } from '../schema/event.ts'
import type { GuildState } from './guild-state.ts'

/** What the law says at a frontier: a value, untouched by events added later. */
export interface Resolved {
  /** Undefined until the past of the frontier holds the guild's `guild.create`. */
  readonly state: GuildState | undefined
  /** `stateHash` of the state, computed when first asked; hash of nothing is the empty string. */
  readonly hash: string
  /** The verdict on a law event in the past of the frontier or in it; undefined for others. */
  verdictOf(id: EventId): Verdict | undefined
}

/** The law events of one guild and what follows from them (design 5). Holds no timeline events. */
export interface Law {
  /** Idempotent. Throws when the event is of another guild or one of its `auth_events` was not added before. */
  add(event: LawEvent): void
  has(id: EventId): boolean
  readonly size: number
  /** The law frontier: events no other law event links to, sorted. */
  heads(): readonly EventId[]
  /** R of everything added. */
  current(): Resolved
  /** R(frontier). Throws for ids that were not added. The empty frontier is the time before the guild. */
  at(frontier: readonly EventId[]): Resolved
  /** Whether each id is in the frontier or in its past. Unknown ids are not; throws for an unknown frontier. */
  covers(frontier: readonly EventId[], ids: readonly EventId[]): boolean
}

export declare function createLaw(guildId: GuildId): Law

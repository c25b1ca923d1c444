import type { EventId } from '../../base/ids.ts'

/** Why the law refuses an event. Stored beside refused events and shown to people: codes are never renamed or reused. */
export type RefusalCode =
  | 'unknown_type'
  | 'no_guild'
  | 'guild_exists'
  | 'wrong_guild'
  | 'not_a_member'
  | 'banned'
  | 'missing_permission'
  | 'outranked'
  | 'owner_untouchable'
  | 'author_mismatch'
  | 'bad_name'
  | 'unknown_channel'
  | 'unknown_role'
  | 'role_not_grantable'
  | 'unknown_target'
  | 'already_a_member'
  | 'not_banned'
  | 'not_invited'
  | 'unknown_invite'
  | 'invite_revoked'
  | 'invite_expired'
  | 'invite_used_up'
  | 'bad_proof'
  | 'foreign_statement'
  | 'bad_statement'
  | 'stale_statement'

export interface Refusal {
  readonly kind: 'refused'
  readonly code: RefusalCode
  /** One sentence for people. */
  readonly reason: string
}

export type Verdict = { readonly kind: 'allowed' } | Refusal

/** Without effect, because its author had lost the right to it when it was made, by an act it had not seen. */
export interface Voided {
  readonly kind: 'voided'
  readonly code: 'voided'
  /** The removal that beat it. */
  readonly removal: EventId
}

/** What became of a law event among others. */
export type LawVerdict = Verdict | Voided

export const ALLOWED: Extract<Verdict, { kind: 'allowed' }> = { kind: 'allowed' }

export const refuse = (code: RefusalCode, reason: string): Refusal => ({ kind: 'refused', code, reason })

import type { RefusalCode } from '../../../node/events/auth/verdict.ts'
import type { ByteFault } from '../../../node/events/check-guild-event.ts'
import type { FederatedFault } from '../../../node/events/federated-event.ts'
import type { KeyStatementFault } from '../../../node/events/key-statement.ts'
import type { MalformedReason } from '../../../node/events/parse.ts'

/** A list that does not compile when a code of the union is missing or in excess. */
const listOf = <Code extends string>(codes: Record<Code, true>): string[] => Object.keys(codes)

export const REFUSALS = listOf<RefusalCode>({
  unknown_type: true,
  no_guild: true,
  guild_exists: true,
  wrong_guild: true,
  not_a_member: true,
  banned: true,
  missing_permission: true,
  outranked: true,
  owner_untouchable: true,
  author_mismatch: true,
  bad_name: true,
  unknown_channel: true,
  unknown_role: true,
  role_not_grantable: true,
  unknown_target: true,
  already_a_member: true,
  not_banned: true,
  not_invited: true,
  unknown_invite: true,
  invite_revoked: true,
  invite_expired: true,
  invite_used_up: true,
  bad_proof: true,
  foreign_statement: true,
  bad_statement: true,
  stale_statement: true,
})

export const MALFORMED = listOf<MalformedReason>({
  too_large: true,
  not_json: true,
  too_deep: true,
  lone_surrogate: true,
  not_an_object: true,
  missing_field: true,
  duplicate_field: true,
  wrong_type: true,
  number_out_of_range: true,
})

export const BYTE_FAULTS = listOf<ByteFault>({
  not_wire_form: true,
  unsafe_number: true,
  event_id_mismatch: true,
  schema_version: true,
  origin_not_peer_id: true,
  event_type: true,
  sender: true,
  room_id: true,
  origin_ts: true,
  links: true,
  content: true,
  log: true,
  author_mismatch: true,
  guild_id_mismatch: true,
  signature_missing: true,
  signature_encoding: true,
  statement: true,
})

export const STATEMENT_FAULTS = listOf<KeyStatementFault>({
  too_large: true,
  shape: true,
  peer_id: true,
  key_id_mismatch: true,
  duplicate_key: true,
  unusable_key: true,
  signature: true,
})

export const FEDERATED_FAULTS = listOf<FederatedFault>({
  'untrusted-origin': true,
  'origin-mismatch': true,
  'event-id-mismatch': true,
  'missing-signature': true,
  'signature-encoding': true,
  'signature-invalid': true,
})

import { createBLAKE3 } from 'hash-wasm'
import { toBase58 } from '../base/bytes.ts'
import type { ChannelId, EventId, GuildId, InviteId } from '../base/ids.ts'

/** One instance serves all: every use below is synchronous from `init` to `digest`. */
const hasher = await createBLAKE3()

/** BLAKE3, 32 bytes, unkeyed. Text is hashed as UTF-8. */
export function blake3(input: string | Uint8Array): Uint8Array {
  return hasher.init().update(input).digest('binary')
}

/** `$` + base58 of the hash of the canonical form (contract 5.4). */
export const eventIdOfHash = (hash: Uint8Array): EventId => `$${toBase58(hash)}` as EventId

/**
 * UUIDv8 from the hash of the creating event's canonical form with an empty `room_id`. Nobody can make a second event with
 * the same id, and original clients still see a UUID.
 */
export function uuidOfHash(hash: Uint8Array): GuildId & ChannelId & InviteId {
  const bytes = Buffer.from(hash.subarray(0, 16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  const groups = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)]
  return groups.join('-') as GuildId & ChannelId & InviteId
}

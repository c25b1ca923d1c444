import type { GuildId } from '../../base/ids.ts'
import { checkGuildEvent } from '../../events/check-guild-event.ts'
import { parseEvent } from '../../events/parse.ts'
import { verifySignature } from '../../events/verify.ts'

/** `<peer id>/<key id>` -> 32-byte public key. */
export type KnownKeys = Map<string, Uint8Array>

export interface VerifyRequest {
  id: number
  guildId: GuildId
  texts: readonly string[]
  /** Keys learned since the last request to this worker. */
  newKeys: readonly (readonly [string, Uint8Array])[]
}

export type TextCheck =
  | { kind: 'right' }
  /** Everything but the signature is right; its key is in no statement we hold. */
  | { kind: 'key_missing'; key: string }
  | { kind: 'wrong'; reason: string }

/** All that can be said of an event's text without knowing the guild: form, id, structure, signature. Pure and slow. */
export function checkText(text: string, guildId: GuildId, keys: KnownKeys): TextCheck {
  const parsed = parseEvent(text)
  if (parsed.kind === 'malformed') return { kind: 'wrong', reason: parsed.reason }
  const checked = checkGuildEvent(parsed)
  if (checked.kind === 'rejected') return { kind: 'wrong', reason: checked.code }
  if (checked.guildId !== guildId) return { kind: 'wrong', reason: 'other_guild' }
  const key = `${checked.event.origin_server}/${checked.keyId}`
  const publicKey = keys.get(key)
  if (publicKey === undefined) return { kind: 'key_missing', key }
  if (!verifySignature(publicKey, parsed.hash, checked.signature)) return { kind: 'wrong', reason: 'signature_invalid' }
  return { kind: 'right' }
}

import type { GuildId } from '../base/ids.ts'
import { AGREEMENT_RULES, type ByteFault, ENVELOPE_RULES, firstBroken, type Rule } from './guild-event-rules.ts'
import { carriesRightly } from './carried-statement.ts'
import { publicKeyOfKeyId } from './keys.ts'
import type { ParsedEvent } from './parse.ts'
import { type GuildEvent, guildIdOf, positionOf, type WireEvent } from './schema/event.ts'
import { decodeSignature, keyIdOfName } from './signature-field.ts'

export type { ByteFault } from './guild-event-rules.ts'

export interface WellFormedGuildEvent {
  readonly kind: 'well-formed'
  readonly event: GuildEvent
  readonly guildId: GuildId
  readonly position: number
  /** The origin's one signature: `verifySignature(publicKey, parsed.hash, signature)` says whether it is right. */
  readonly keyId: string
  /** The key that is its own id. Whether it may sign this log, its place in the log says. */
  readonly publicKey: Uint8Array
  readonly signature: Uint8Array
}

export interface RejectedGuildEvent {
  readonly kind: 'rejected'
  readonly code: ByteFault
  readonly message: string
}

export type Verdict = WellFormedGuildEvent | RejectedGuildEvent

/**
 * All that can be said about an event of a guild without any state: no parents, no keys, no law, no clock.
 * 1. Envelope: the text is the wire form and so the only one with its hash; own id, names, links; content has its type's shape.
 * 2. Content and envelope agree on guild, log position, author and, for `guild.create`, on the guild id made from it.
 * 3. Exactly one signature, by the origin, so that nobody can pad an event on its way without changing its id.
 * 4. A key statement where a log begins or changes its key, and nowhere else.
 */
export function checkGuildEvent(parsed: ParsedEvent): Verdict {
  const brokenEnvelope = firstBroken(ENVELOPE_RULES, parsed) // 1
  if (brokenEnvelope) return rejected(brokenEnvelope)
  const event = parsed.event as GuildEvent
  const brokenAgreement = firstBroken(AGREEMENT_RULES, event) // 2
  if (brokenAgreement) return rejected(brokenAgreement)
  const signed = readSignature(event) // 3
  if (signed.kind === 'rejected') return signed
  if (!carriesRightly(event, signed.keyId)) return BAD_STATEMENT // 4
  return {
    kind: 'well-formed',
    event,
    guildId: guildIdOf(event),
    position: positionOf(event),
    keyId: signed.keyId,
    publicKey: signed.publicKey,
    signature: signed.signature,
  }
}

const BAD_STATEMENT: RejectedGuildEvent = {
  kind: 'rejected',
  code: 'statement',
  message: 'the first event of a log and node.keys, and no other, carry a statement whose last key signs',
}

const rejected = <Subject>([code, message]: Rule<Subject>): RejectedGuildEvent => ({ kind: 'rejected', code, message })

type SignatureReading =
  | { readonly kind: 'signed'; readonly keyId: string; readonly publicKey: Uint8Array; readonly signature: Uint8Array }
  | RejectedGuildEvent

function readSignature(event: WireEvent): SignatureReading {
  const [[server, byKey] = [], ...otherServers] = Object.entries(event.signatures)
  const [[name, text] = [], ...otherKeys] = Object.entries(byKey ?? {})
  const keyId = name === undefined ? undefined : keyIdOfName(name)
  const publicKey = keyId === undefined ? undefined : publicKeyOfKeyId(keyId)
  if (server !== event.origin_server || otherServers.length + otherKeys.length > 0 || !keyId || !publicKey) {
    return { kind: 'rejected', code: 'signature_missing', message: 'exactly one signature, by a key of the origin' }
  }
  const signature = text === undefined ? undefined : decodeSignature(text)
  if (!signature) return { kind: 'rejected', code: 'signature_encoding', message: 'a signature is 64 bytes in base64' }
  return { kind: 'signed', keyId, publicKey, signature }
}

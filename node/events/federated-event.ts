import type { ParsedEvent } from './parse.ts'
import { decodeSignature, findSignature } from './signature-field.ts'
import { verifySignature } from './verify.ts'

/** One entry of `federation.trusted_servers`, decoded. */
export interface TrustedServer {
  readonly keyId: string
  /** 32 bytes. */
  readonly publicKey: Uint8Array
}

export type FederatedFault =
  | 'untrusted-origin'
  | 'origin-mismatch'
  | 'event-id-mismatch'
  | 'missing-signature'
  | 'signature-encoding'
  | 'signature-invalid'

export type FederatedVerdict =
  | { readonly kind: 'genuine' }
  | { readonly kind: 'rejected'; readonly category: FederatedFault; readonly reason: string }

/**
 * Whether an event pushed over HTTP by `origin` is what that server signed (contract 6.3, steps 1 to 6; the first failure
 * wins). Nothing is said about room, sender, type or time: there the original checks nothing.
 */
export function checkFederatedEvent(
  parsed: ParsedEvent,
  origin: string,
  trusted: ReadonlyMap<string, TrustedServer>,
): FederatedVerdict {
  const { event } = parsed
  const server = trusted.get(origin)
  if (!server) return rejected('untrusted-origin', `${origin} is not a trusted server`)
  if (event.origin_server !== origin) return rejected('origin-mismatch', 'origin_server is not the origin')
  if (event.event_id !== parsed.eventId) return rejected('event-id-mismatch', 'event_id is not the hash of the event')
  const text = findSignature(event.signatures, origin, server.keyId)
  if (text === undefined) return rejected('missing-signature', `no signature of ${origin} by key ${server.keyId}`)
  const signature = decodeSignature(text)
  if (!signature) return rejected('signature-encoding', 'the signature is not 64 bytes in padded base64')
  if (!verifySignature(server.publicKey, parsed.hash, signature)) {
    return rejected('signature-invalid', 'the signature does not match')
  }
  return { kind: 'genuine' }
}

const rejected = (category: FederatedFault, reason: string): FederatedVerdict => ({
  kind: 'rejected',
  category,
  reason,
})

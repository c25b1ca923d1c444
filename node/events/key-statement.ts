import { fromBase64Url, toBase64Url, utf8 } from '../base/bytes.ts'
import { canonicalJson, tryCanonicalJson } from './canonical.ts'
import { blake3 } from './id.ts'
import { isUsablePublicKey, keyIdOf, publicKeyOfSeed, signWithSeed } from './keys.ts'
import { peerIdOfPublicKey, publicKeyOfPeerId } from './peer-id.ts'
import { type KeyStatement, keyStatementSchema } from './schema/content.ts'
import { verifySignature } from './verify.ts'

export type { KeyStatement, SigningKeyEntry } from './schema/content.ts'

/** Keeps a signature made for one purpose from counting for another. */
const DOMAIN = 'openguild key statement v1\n'

/** Room for the keys of many years; larger ones would weigh on every log that begins with one. */
export const MAX_STATEMENT_BYTES = 8 * 1024

export type KeyStatementFault =
  'too_large' | 'shape' | 'peer_id' | 'key_id_mismatch' | 'duplicate_key' | 'unusable_key' | 'signature'

export type KeyStatementOutcome =
  | { readonly kind: 'valid'; readonly statement: KeyStatement }
  | { readonly kind: 'refused'; readonly fault: KeyStatementFault; readonly message: string }

/**
 * Signs with the seed of the identity key, the one inside `peer_id`. Each statement replaces none: it lists every key that
 * is or was in use, under a `sequence` higher than the last.
 */
export function createKeyStatement(draft: Omit<KeyStatement, 'signature'>, identitySeed: Uint8Array): KeyStatement {
  const signature = signWithSeed(identitySeed, hashOfStatement(canonicalJson(draft)))
  return { ...draft, signature: toBase64Url(signature) }
}

/** As many keys as a statement may list; older ones have done their work in logs that carried them. */
const MAX_LISTED_KEYS = 16

/** The statement of a node about all its signing keys, oldest first; the same keys always make the same statement. */
export function createOwnStatement(
  identitySeed: Uint8Array,
  keys: readonly { publicKey: Uint8Array; validFrom: number }[],
): KeyStatement {
  const entries = keys.slice(-MAX_LISTED_KEYS).map(({ publicKey, validFrom }) => {
    const id = keyIdOf(publicKey)
    return { key_id: id, public_key: id, valid_from: validFrom }
  })
  const peerId = peerIdOfPublicKey(publicKeyOfSeed(identitySeed))
  return createKeyStatement({ peer_id: peerId, sequence: keys.length, keys: entries }, identitySeed)
}

/** Judges a statement from anywhere, on its own: size, shape, key ids made from their keys, the identity's signature. */
export function parseKeyStatement(value: unknown): KeyStatementOutcome {
  const shape = keyStatementSchema.safeParse(value)
  if (!shape.success) return refused('shape', 'not a key statement')
  if (utf8(JSON.stringify(value)).length > MAX_STATEMENT_BYTES)
    return refused('too_large', 'a key statement has at most 8 KiB')
  // The value itself, not the schema's copy: what is signed has to stay as it came.
  const statement = value as KeyStatement
  const identity = publicKeyOfPeerId(statement.peer_id)
  if (!identity) return refused('peer_id', 'peer_id holds no Ed25519 key')
  const fault = keysFault(statement)
  if (fault) return fault
  return isSignedBy(identity, statement)
    ? { kind: 'valid', statement }
    : refused('signature', 'not signed by the identity key in peer_id')
}

/** The key its node signs with: the last one listed. Only one, or a carrier could be signed anew with an older key. */
export const currentKeyOf = ({ keys }: KeyStatement): string | undefined => keys.at(-1)?.key_id

function keysFault({ keys }: KeyStatement): KeyStatementOutcome | undefined {
  if (new Set(keys.map((key) => key.key_id)).size < keys.length)
    return refused('duplicate_key', 'a key is listed twice')
  for (const entry of keys) {
    const publicKey = fromBase64Url(entry.public_key)
    if (keyIdOf(publicKey) !== entry.key_id)
      return refused('key_id_mismatch', `${entry.key_id} is not the id of its key`)
    if (!isUsablePublicKey(publicKey)) return refused('unusable_key', `${entry.key_id} is not a usable key`)
  }
  return undefined
}

function isSignedBy(identity: Uint8Array, statement: KeyStatement): boolean {
  const { signature, ...signed } = statement
  const text = tryCanonicalJson(signed)
  return text !== undefined && verifySignature(identity, hashOfStatement(text), fromBase64Url(signature))
}

const hashOfStatement = (canonical: string): Uint8Array => blake3(DOMAIN + canonical)

const refused = (fault: KeyStatementFault, message: string): KeyStatementOutcome => ({
  kind: 'refused',
  fault,
  message,
})

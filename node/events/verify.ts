import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { isUsablePublicKey } from './keys.ts'
import { isSmallOrderEncoding } from './small-order.ts'

const KEY_BYTES = 32
const SIGNATURE_BYTES = 64
const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n

/**
 * The one rule that decides whether an Ed25519 signature counts (docs/PROTOCOL.md, "Signatures"). Every step is needed for
 * all implementations to agree: libraries differ on each of the cases the steps 2 to 4 remove.
 * 1. 32 bytes of key, 64 of signature.
 * 2. S below the group order.
 * 3. The key decodes canonically and is not of small order.
 * 4. R is not one of the 14 small-order encodings.
 * 5. Cofactorless verification, which compares the recomputed R byte for byte.
 */
export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false // 1
  if (!hasCanonicalScalar(signature)) return false // 2
  const key = findKey(publicKey) // 3
  if (!key || isSmallOrderEncoding(signature.subarray(0, KEY_BYTES))) return false // 4
  return verify(null, message, key, signature) // 5
}

/** An upper bound suffices for nearly all signatures: S is uniform below 2^252 + a little, so its top byte is below 0x10. */
function hasCanonicalScalar(signature: Uint8Array): boolean {
  const topByte = signature[SIGNATURE_BYTES - 1] ?? 0xff
  if (topByte !== 0x10) return topByte < 0x10
  const bigEndian = Buffer.from(signature.subarray(KEY_BYTES)).reverse()
  return BigInt(`0x${bigEndian.toString('hex')}`) < GROUP_ORDER
}

/** Header of a SubjectPublicKeyInfo with an Ed25519 key. */
const SPKI_HEADER = Buffer.from('302a300506032b6570032100', 'hex')
const MAX_CACHED_KEYS = 4_096

/**
 * Decoding a key costs as much as verifying with it. A memo of public data: what it holds never changes a result, so it may be
 * shared by all nodes of a process.
 */
const cachedKeys = new Map<string, KeyObject>()

function findKey(publicKey: Uint8Array): KeyObject | undefined {
  const name = Buffer.from(publicKey).toString('latin1')
  const cached = cachedKeys.get(name)
  if (cached) return cached
  if (!isUsablePublicKey(publicKey)) return undefined
  const key = createPublicKey({ key: Buffer.concat([SPKI_HEADER, publicKey]), format: 'der', type: 'spki' })
  remember(name, key)
  return key
}

/** The oldest leaves first; unusable keys are not remembered, so they can not push out good ones. */
function remember(name: string, key: KeyObject): void {
  const oldest = cachedKeys.size < MAX_CACHED_KEYS ? undefined : cachedKeys.keys().next().value
  if (oldest !== undefined) cachedKeys.delete(oldest)
  cachedKeys.set(name, key)
}

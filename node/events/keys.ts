import { getPublicKey, hashes, Point, sign } from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import { fromBase64Url, toBase64Url, tryDecode } from '../base/bytes.ts'

// noble leaves its hash function to the caller so that it stays free of dependencies.
hashes.sha512 = sha512

const KEY_BYTES = 32

/** 32-byte public key of a 32-byte seed (RFC 8032). */
export const publicKeyOfSeed = (seed: Uint8Array): Uint8Array => getPublicKey(seed)

/** Signs with a seed at hand, for the rare signatures: key statements and join proofs. Events use `createSigner`. */
export const signWithSeed = (seed: Uint8Array, message: Uint8Array): Uint8Array => sign(message, seed)

/**
 * The id of a signing key of ours is the key itself, base64url without padding. So one id can never mean two keys, and a
 * signature can be checked without asking anybody (decision 0008).
 */
export const keyIdOf = (publicKey: Uint8Array): string => toBase64Url(publicKey)

/** 32 bytes, or undefined for a key id that is not of ours. */
export function publicKeyOfKeyId(keyId: string): Uint8Array | undefined {
  const bytes = tryDecode(fromBase64Url, keyId)
  return bytes?.length === KEY_BYTES ? bytes : undefined
}

/** A canonical encoding of a point that is not of small order; other keys verify nothing (`verify.ts`). */
export function isUsablePublicKey(publicKey: Uint8Array): boolean {
  try {
    return !Point.fromBytes(publicKey).isSmallOrder()
  } catch {
    return false
  }
}

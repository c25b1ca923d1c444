import { getPublicKey, hashes, Point, sign } from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import { toBase58 } from '../base/bytes.ts'
import { blake3 } from './id.ts'

// noble leaves its hash function to the caller so that it stays free of dependencies.
hashes.sha512 = sha512

const KEY_ID_CHARACTERS = 10

/** 32-byte public key of a 32-byte seed (RFC 8032). */
export const publicKeyOfSeed = (seed: Uint8Array): Uint8Array => getPublicKey(seed)

/** Signs with a seed at hand, for the rare signatures: key statements and join proofs. Events use `createSigner`. */
export const signWithSeed = (seed: Uint8Array, message: Uint8Array): Uint8Array => sign(message, seed)

/** The id a signing key has everywhere: derived from the key, so that one id can never mean two keys. */
export const keyIdOf = (publicKey: Uint8Array): string => toBase58(blake3(publicKey)).slice(0, KEY_ID_CHARACTERS)

/** Ten characters of base58: what `keyIdOf` can give. */
export const isKeyId = (text: string): boolean => /^[1-9A-HJ-NP-Za-km-z]{10}$/.test(text)

/** A canonical encoding of a point that is not of small order; other keys verify nothing (`verify.ts`). */
export function isUsablePublicKey(publicKey: Uint8Array): boolean {
  try {
    return !Point.fromBytes(publicKey).isSmallOrder()
  } catch {
    return false
  }
}

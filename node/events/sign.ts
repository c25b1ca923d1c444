import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { keyIdOf } from './keys.ts'

/** A signing key at work. The seed stays inside. */
export interface Signer {
  readonly keyId: string
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /** 64 bytes over the 32 raw bytes of an event's hash. */
  sign(hash: Uint8Array): Uint8Array
}

/** Header of a PKCS #8 Ed25519 key. */
const PKCS8_HEADER = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI_HEADER_BYTES = 12

/** `seed` is 32 bytes; a `keyId` is given only for keys of original servers, where it is free text between operators. */
export function createSigner(seed: Uint8Array, keyId?: string): Signer {
  if (seed.length !== 32) throw new TypeError('an Ed25519 seed has 32 bytes')
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_HEADER, seed]), format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  const publicKey = Uint8Array.from(spki.subarray(SPKI_HEADER_BYTES))
  return { keyId: keyId ?? keyIdOf(publicKey), publicKey, sign: (hash) => sign(null, hash, privateKey) }
}

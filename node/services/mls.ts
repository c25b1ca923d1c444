import { createPrivateKey, createPublicKey } from 'node:crypto'
import { utf8 } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { AppError } from '../base/errors.ts'
import { publicKeyOfSeed, signWithSeed } from '../events/keys.ts'
import type { Database } from '../storage/database.ts'
import { findKeyPackage, insertKeyPackage, type KeyPackageRow } from '../storage/mls-key-packages.ts'

/** The public half of a key package. Keys are 32 bytes. */
export interface KeyPackage {
  identity: string
  ciphersuite: string
  signatureKey: Uint8Array
  hpkePublicKey: Uint8Array
  rotatedAt: number
}

/** A signature clients can try their verification on; the same until the key is rotated. */
export interface HandshakeVector {
  identity: string
  ciphersuite: string
  message: string
  signature: Uint8Array
  verifyingKey: Uint8Array
}

/** Key packages for the identities of the configuration (contract 7). No MLS protocol runs here. */
export interface MlsKeys {
  /** By identity. */
  list(): KeyPackage[]
  /** Throws `not_found` for an identity that is not in the configuration. */
  rotate(identity: string): Promise<KeyPackage>
  vectors(): HandshakeVector[]
}

export interface MlsDeps {
  db: Pick<Database, 'read' | 'write' | 'writeNow'>
  clock: Clock
  randomBytes: (size: number) => Uint8Array
  ciphersuite: string
  identities: readonly string[]
}

const VECTOR_MESSAGE = 'OpenGuild MLS handshake test vector v1'

export function createMlsKeys(deps: MlsDeps): MlsKeys {
  const { db } = deps
  const identities = [...new Set(deps.identities)].sort()

  const newRow = (identity: string): KeyPackageRow => ({
    identity,
    ciphersuite: deps.ciphersuite,
    signingSeed: deps.randomBytes(32),
    hpkeSeed: deps.randomBytes(32),
    createdAt: deps.clock.now(),
  })

  function getRow(identity: string): KeyPackageRow {
    const held = db.read((tx) => findKeyPackage(tx, identity))
    if (held !== undefined) return held
    const made = newRow(identity)
    db.writeNow((tx) => insertKeyPackage(tx, made))
    return made
  }

  return {
    list: () => identities.map((identity) => toKeyPackage(getRow(identity))),
    async rotate(identity) {
      if (!identities.includes(identity)) {
        throw new AppError('not_found', 'This identity is not in mls.identities of the configuration')
      }
      const row = newRow(identity)
      await db.write((tx) => insertKeyPackage(tx, row))
      return toKeyPackage(row)
    },
    vectors: () => identities.map((identity) => toVector(getRow(identity))),
  }
}

const toKeyPackage = (row: KeyPackageRow): KeyPackage => ({
  identity: row.identity,
  ciphersuite: row.ciphersuite,
  signatureKey: publicKeyOfSeed(row.signingSeed),
  hpkePublicKey: x25519PublicKey(row.hpkeSeed),
  rotatedAt: row.createdAt,
})

const toVector = (row: KeyPackageRow): HandshakeVector => ({
  identity: row.identity,
  ciphersuite: row.ciphersuite,
  message: VECTOR_MESSAGE,
  signature: signWithSeed(row.signingSeed, utf8(VECTOR_MESSAGE)),
  verifyingKey: publicKeyOfSeed(row.signingSeed),
})

/** Header of a PKCS #8 X25519 key (RFC 8410). */
const PKCS8_HEADER = Buffer.from('302e020100300506032b656e04220420', 'hex')
const KEY_BYTES = 32

function x25519PublicKey(seed: Uint8Array): Uint8Array {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_HEADER, seed]), format: 'der', type: 'pkcs8' })
  return Uint8Array.from(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-KEY_BYTES))
}

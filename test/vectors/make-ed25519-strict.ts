// Makes ed25519-strict.json: signatures on which common Ed25519 libraries disagree, and what OpenGuild's rule says of each.
// Deterministic. Run from the repository root: npx node test/vectors/make-ed25519-strict.ts
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { etc, getPublicKey, hashes, Point, sign } from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'

hashes.sha512 = sha512

interface Case {
  name: string
  public_key_hex: string
  message_hex: string
  signature_hex: string
  valid: boolean
}

const { n: ORDER, p: FIELD } = Point.CURVE()
const PER_ROW = 4
const cases: Case[] = []

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const seedOf = (index: number): Uint8Array => createHash('sha256').update(`openguild strict seed ${index}`).digest()
const messageOf = (index: number): Uint8Array =>
  createHash('sha256').update(`openguild strict message ${index}`).digest()
const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${hex(Uint8Array.from(bytes).reverse())}`)
const scalarOf = (...parts: Uint8Array[]): bigint => numberOf(sha512(etc.concatBytes(...parts))) % ORDER
const bytesOf = (value: bigint): Uint8Array =>
  Uint8Array.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex')).reverse()
const multiple = (scalar: bigint): Point => Point.BASE.multiply(scalar % ORDER, false)
const secretOf = (index: number): bigint => {
  const head = sha512(seedOf(index)).slice(0, 32)
  head[0] = (head[0] ?? 0) & 248
  head[31] = ((head[31] ?? 0) & 127) | 64
  return numberOf(head) % ORDER
}
const nonceOf = (index: number): bigint => scalarOf(new TextEncoder().encode(`openguild strict nonce ${index}`))

/** The eight points whose eightfold is the identity: L times any point, then its multiples. */
function torsionPoints(): Point[] {
  for (let y = 2n; ; y += 1n) {
    const generator = tryPoint(bytesOf(y))?.multiplyUnsafe(ORDER - 1n)
    const candidate = generator?.add(tryPoint(bytesOf(y)) ?? Point.ZERO)
    if (!candidate || candidate.double().double().is0()) continue
    const points = [Point.ZERO]
    for (let index = 1; index < 8; index += 1) points.push((points.at(-1) ?? Point.ZERO).add(candidate))
    return points
  }
}

function tryPoint(bytes: Uint8Array): Point | undefined {
  try {
    return Point.fromBytes(bytes)
  } catch {
    return undefined
  }
}

const TORSION = torsionPoints()
const SIGN_BIT = 1n << 255n
/** Second spellings of 0 and 1, and the sign bit on points whose x is 0. */
const NON_CANONICAL = [
  1n + SIGN_BIT,
  FIELD,
  FIELD + SIGN_BIT,
  FIELD + 1n,
  FIELD + 1n + SIGN_BIT,
  FIELD - 1n + SIGN_BIT,
].map(bytesOf)

function add(name: string, key: Uint8Array, index: number, signature: Uint8Array, valid = false): void {
  cases.push({
    name,
    public_key_hex: hex(key),
    message_hex: hex(messageOf(index)),
    signature_hex: hex(signature),
    valid,
  })
}

const honest = (index: number) => {
  const signature = sign(messageOf(index), seedOf(index))
  return { key: getPublicKey(seedOf(index)), signature, r: signature.slice(0, 32), s: numberOf(signature.slice(32)) }
}

/** S that fits R and key by the equation, for somebody who knows both discrete logarithms up to torsion. */
const answer = (index: number, r: Uint8Array, key: Uint8Array, nonce: bigint): Uint8Array =>
  etc.concatBytes(r, bytesOf((nonce + scalarOf(r, key, messageOf(index)) * secretOf(index)) % ORDER))

function addScalarCases(index: number): void {
  const { key, signature, r, s } = honest(index)
  add('honest', key, index, signature, true)
  add('S plus the group order', key, index, etc.concatBytes(r, bytesOf(s + ORDER)))
  add('S plus eight times the group order', key, index, etc.concatBytes(r, bytesOf(s + 8n * ORDER)))
  add('S with its top bit set', key, index, etc.concatBytes(r, bytesOf(s + SIGN_BIT)))
  add('65 bytes of signature', key, index, etc.concatBytes(signature, Uint8Array.of(0)))
  add('63 bytes of signature', key, index, signature.slice(0, 63))
  add('33 bytes of key', etc.concatBytes(key, Uint8Array.of(0)), index, signature)
  add('31 bytes of key', key.slice(0, 31), index, signature)
}

/** A key of mixed order verifies without cofactor only where the challenge cancels the torsion. */
function addMixedKeyCases(index: number): void {
  for (const [order, torsion] of TORSION.entries()) {
    if (order === 0) continue
    const key = multiple(secretOf(index)).add(torsion).toBytes()
    const r = multiple(nonceOf(index)).toBytes()
    const cancels = torsion.multiplyUnsafe(scalarOf(r, key, messageOf(index)) % 8n).is0()
    add(`key plus torsion point ${order}, R normal`, key, index, answer(index, r, key, nonceOf(index)), cancels)
  }
}

function addTorsionRCases(index: number): void {
  const { key } = honest(index)
  for (const [order, torsion] of TORSION.entries()) {
    const small = torsion.toBytes()
    add(`R is torsion point ${order}, key normal`, key, index, answer(index, small, key, 0n))
    if (order === 0) continue
    const mixed = multiple(nonceOf(index)).add(torsion).toBytes()
    add(`R plus torsion point ${order}, key normal`, key, index, answer(index, mixed, key, nonceOf(index)))
  }
  for (const [spelling, small] of NON_CANONICAL.entries()) {
    add(`R is non-canonical small-order encoding ${spelling}`, key, index, answer(index, small, key, 0n))
  }
}

function addSmallKeyCases(index: number): void {
  const s = nonceOf(index)
  const signature = etc.concatBytes(multiple(s).toBytes(), bytesOf(s))
  for (const [order, torsion] of TORSION.entries()) {
    add(`key is torsion point ${order}, R = [S]B`, torsion.toBytes(), index, signature)
  }
  for (const [spelling, small] of NON_CANONICAL.entries()) {
    add(`key is non-canonical small-order encoding ${spelling}, R = [S]B`, small, index, signature)
  }
}

for (let index = 0; index < PER_ROW; index += 1) {
  addScalarCases(index)
  addMixedKeyCases(index)
  addTorsionRCases(index)
  addSmallKeyCases(index)
}

const description =
  'Ed25519 signatures on which libraries disagree. Valid means: 32 and 64 bytes; S below the group order; the key decodes ' +
  'canonically and is not of small order; R is none of the 14 small-order encodings; cofactorless verification succeeds.'
writeFileSync(
  new URL('ed25519-strict.json', import.meta.url),
  `${JSON.stringify({ description, cases }, undefined, 2)}\n`,
)

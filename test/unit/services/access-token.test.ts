import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { fromBase64Url, toBase64Url } from '../../../node/base/bytes.ts'
import type { UserId } from '../../../node/base/ids.ts'
import { publicKeyOfSeed } from '../../../node/events/keys.ts'
import { createSigner } from '../../../node/events/sign.ts'
import { createAccessTokens } from '../../../node/services/access-token.ts'
import { heldClock } from '../../kit/clock.ts'

const vectors = z
  .object({ session_token: z.object({ claims_json: z.string(), access_token: z.string() }) })
  .parse(JSON.parse(readFileSync(new URL('../../vectors/canonical-events-v1.json', import.meta.url), 'utf8')))
const { claims_json: CLAIMS, access_token: TOKEN } = vectors.session_token

const seedFrom = (first: number) => Uint8Array.from({ length: 32 }, (_, index) => first + index)
const ALPHA = seedFrom(0)
const BETA = seedFrom(32)
const ISSUED = Date.parse('2026-01-02T03:04:05.123Z')
const HOUR_MS = 3_600_000

const tokensOf = (seed: Uint8Array, fallbackKeys: Uint8Array[] = [], clock = heldClock(ISSUED)) =>
  createAccessTokens({ signingSeed: seed, fallbackKeys, clock })

/** Any payload, signed as a token is. */
function sign(payload: string | Uint8Array, seed = ALPHA): string {
  const bytes = Buffer.from(payload)
  return `${toBase64Url(bytes)}.${toBase64Url(createSigner(seed).sign(bytes))}`
}

const claims = (changes: Record<string, unknown> = {}) => JSON.stringify({ ...JSON.parse(CLAIMS), ...changes })

describe('the example of the contract', () => {
  test('verifies, also with nanoseconds', () => {
    expect(tokensOf(ALPHA).verify(TOKEN)).toEqual({
      sessionId: '0b0f3c1e-6a52-4b0e-9d39-0f8a4f3c2b11',
      userId: 'ec7c5138-ee1a-4112-95ef-e53514b670c2',
      username: 'alice',
      expiresAt: Date.parse('2026-01-02T15:04:05.123Z'),
    })
  })

  test('is what signing its claims gives, byte for byte', () => {
    expect(sign(CLAIMS)).toBe(TOKEN)
    expect(createSigner(ALPHA).publicKey).toEqual(fromBase64Url('A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg'))
  })

  test('verifies with a fallback key and not without', () => {
    expect(tokensOf(BETA, [publicKeyOfSeed(ALPHA)]).verify(TOKEN)).toMatchObject({ username: 'alice' })
    expect(tokensOf(BETA).verify(TOKEN)).toBeUndefined()
  })
})

test('a token issued holds the claims in the order of the original', () => {
  const clock = heldClock(ISSUED)
  const { token, expiresAt } = tokensOf(ALPHA, [], clock).issue({
    sessionId: '0b0f3c1e-6a52-4b0e-9d39-0f8a4f3c2b11',
    userId: 'ec7c5138-ee1a-4112-95ef-e53514b670c2' as UserId,
    username: 'alice',
  })

  expect(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).toBe(CLAIMS.replaceAll('456789Z', 'Z'))
  expect(expiresAt).toBe(ISSUED + 12 * HOUR_MS)
})

test('a token ends at its time, with no leeway, however often it was seen before', () => {
  const clock = heldClock(ISSUED)
  const tokens = tokensOf(ALPHA, [], clock)

  clock.advance(12 * HOUR_MS - 1)
  expect(tokens.verify(TOKEN)).toBeDefined()
  expect(tokens.verify(TOKEN)).toBeDefined()
  clock.advance(1)
  expect(tokens.verify(TOKEN)).toBeUndefined()
  expect(tokens.verify(TOKEN)).toBeUndefined()
})

test('a token from the future counts: only its end is looked at', () => {
  const clock = heldClock(ISSUED - 6 * HOUR_MS)

  expect(tokensOf(ALPHA, [], clock).verify(TOKEN)).toBeDefined()
})

describe('claims', () => {
  test.each([
    ['in another order', `{"expires_at":"2026-01-03T00:00:00Z",${CLAIMS.slice(1).replace(/,"expires_at":[^}]*/, '')}`],
    ['without a name', claims({ username: undefined })],
    ['with a null name', claims({ username: null })],
    ['with members nobody knows', claims({ scope: 'all' })],
    ['with whole seconds', claims({ expires_at: '2026-01-02T15:04:05Z' })],
    ['with another offset', claims({ expires_at: '2026-01-02T17:04:05+02:00' })],
    ['with ids in upper case', claims({ user_id: 'EC7C5138-EE1A-4112-95EF-E53514B670C2' })],
  ])('%s are fine', (_, payload) => {
    expect(tokensOf(ALPHA).verify(sign(payload))).toMatchObject({ userId: 'ec7c5138-ee1a-4112-95ef-e53514b670c2' })
  })

  test.each([
    ['that are no JSON', 'hello'],
    ['that are no object', '[]'],
    ['without a session', claims({ session_id: undefined })],
    ['with a user that is no UUID', claims({ user_id: 'alice' })],
    ['without an end', claims({ expires_at: undefined })],
    ['with an end in milliseconds', claims({ expires_at: 1767366245123 })],
    ['with an end that is no time', claims({ expires_at: '2026-13-40T00:00:00Z' })],
    ['with an end without a zone', claims({ expires_at: '2027-01-01T00:00:00' })],
    ['without a beginning', claims({ issued_at: undefined })],
    ['with a number as name', claims({ username: 7 })],
  ])('%s are refused although the signature is right', (_, payload) => {
    expect(tokensOf(ALPHA).verify(sign(payload))).toBeUndefined()
  })
})

describe('anything else is refused', () => {
  const [payload = '', signature = ''] = TOKEN.split('.')
  /** The last character of a 64-byte signature has four bits to spare: this sets one of them. */
  const strayBits = `${signature.slice(0, -1)}h`

  test.each([
    ['nothing', ''],
    ['one part', payload],
    ['three parts', `${TOKEN}.${signature}`],
    ['a padded payload', `${payload}=.${signature}`],
    ['a padded signature', `${TOKEN}==`],
    [
      'the other alphabet',
      sign(claims({ username: '???' }))
        .replaceAll('_', '/')
        .replaceAll('-', '+'),
    ],
    ['stray bits', `${payload}.${strayBits}`],
    ['white space inside', `${payload}. ${signature}`],
    ['a short signature', `${payload}.${signature.slice(0, -4)}`],
    ['another payload', `${toBase64Url(Buffer.from(claims({ username: 'mallory' })))}.${signature}`],
    ['another key', sign(CLAIMS, BETA)],
    ['a huge token', `${'A'.repeat(1_000_000)}.${signature}`],
  ])('%s', (_, token) => {
    expect(tokensOf(ALPHA).verify(token)).toBeUndefined()
  })

  test('a signature with a small-order R', () => {
    const identity = Uint8Array.from([1, ...Array<number>(63).fill(0)])

    expect(tokensOf(ALPHA).verify(`${payload}.${toBase64Url(identity)}`)).toBeUndefined()
  })
})

test('more tokens than are remembered all verify', () => {
  const tokens = tokensOf(ALPHA)
  const issued = Array.from({ length: 5_000 }, (_, index) => {
    const tail = index.toString(16).padStart(12, '0')
    const id = `00000000-0000-4000-8000-${tail}`
    return tokens.issue({ sessionId: id, userId: id as UserId, username: 'many' }).token
  })

  expect(issued.every((token) => tokens.verify(token) !== undefined)).toBe(true)
  expect(tokens.verify(issued[0] ?? '')).toBeDefined()
})

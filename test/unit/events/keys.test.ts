import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  isUsablePublicKey,
  keyIdOf,
  publicKeyOfKeyId,
  publicKeyOfSeed,
  signWithSeed,
} from '../../../node/events/keys.ts'
import { createSigner } from '../../../node/events/sign.ts'
import { isSmallOrderEncoding } from '../../../node/events/small-order.ts'
import { seedOf } from './sample.ts'

const file = new URL('../../vectors/ed25519-strict.json', import.meta.url)
const vectors = z
  .object({ cases: z.array(z.object({ name: z.string(), public_key_hex: z.string() })) })
  .parse(JSON.parse(readFileSync(file, 'utf8')))
const keysOf = (row: RegExp): Uint8Array[] =>
  [...new Set(vectors.cases.filter(({ name }) => row.test(name)).map((vector) => vector.public_key_hex))].map((hex) =>
    Uint8Array.from(Buffer.from(hex, 'hex')),
  )

describe('public keys', () => {
  const smallOrder = keysOf(/^key is (torsion|non-canonical)/)

  it('of small order are recognised in all 14 spellings and never usable', () => {
    expect(smallOrder).toHaveLength(14)
    for (const key of smallOrder) expect([isSmallOrderEncoding(key), isUsablePublicKey(key)]).toEqual([true, false])
  })

  it('of honest and of mixed order are usable', () => {
    for (const key of keysOf(/^honest|^key plus torsion/)) {
      expect([isSmallOrderEncoding(key), isUsablePublicKey(key)]).toEqual([false, true])
    }
  })

  it('that are no point, not canonical or of another length are not usable', () => {
    const beyondField = Uint8Array.from([0xf0, ...new Uint8Array(30).fill(0xff), 0x7f])
    for (const key of [seedOf(2), beyondField, seedOf(1).subarray(1), new Uint8Array()]) {
      expect(isUsablePublicKey(key)).toBe(false)
    }
  })
})

describe('a seed', () => {
  it('gives the same key and signature whichever library signs', () => {
    const signer = createSigner(seedOf(6))

    expect(signer.publicKey).toEqual(publicKeyOfSeed(seedOf(6)))
    expect(Uint8Array.from(signer.sign(seedOf(1)))).toEqual(signWithSeed(seedOf(6), seedOf(1)))
  })

  it('has 32 bytes', () => {
    expect(() => createSigner(new Uint8Array(31))).toThrow(TypeError)
  })
})

describe('a key id', () => {
  const key = publicKeyOfSeed(seedOf(1))

  it('is the key itself', () => {
    expect(keyIdOf(key)).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(publicKeyOfKeyId(keyIdOf(key))).toEqual(key)
  })

  it.each([
    ['padded', `${keyIdOf(key)}=`],
    ['with stray bits at its end', `${keyIdOf(seedOf(0)).slice(0, 42)}B`],
    ['of 31 bytes', keyIdOf(key.subarray(1))],
    ['of 33 bytes', keyIdOf(Uint8Array.of(...key, 1))],
    ['in the other alphabet', `+${keyIdOf(key).slice(1)}`],
    ['of the original server', '1'],
    ['that is empty', ''],
  ])('%s is none of ours', (_what, text) => {
    expect(publicKeyOfKeyId(text)).toBeUndefined()
  })
})

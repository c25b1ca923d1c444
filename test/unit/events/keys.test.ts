import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { isKeyId, isUsablePublicKey, keyIdOf, publicKeyOfSeed, signWithSeed } from '../../../node/events/keys.ts'
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

it('a key id is ten characters made from the key', () => {
  const ids = [1, 2, 3].map((filler) => keyIdOf(publicKeyOfSeed(seedOf(filler))))

  expect(new Set(ids).size).toBe(3)
  expect(ids.every(isKeyId)).toBe(true)
  expect(['1', '', '0OIl000000', 'abcdefghijk'].some(isKeyId)).toBe(false)
})

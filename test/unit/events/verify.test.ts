import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { blake3 } from '../../../node/events/id.ts'
import { createSigner } from '../../../node/events/sign.ts'
import { verifySignature } from '../../../node/events/verify.ts'

const caseSchema = z.object({
  name: z.string(),
  public_key_hex: z.string(),
  message_hex: z.string(),
  signature_hex: z.string(),
  valid: z.boolean(),
})
const file = new URL('../../vectors/ed25519-strict.json', import.meta.url)
const { cases } = z.object({ cases: z.array(caseSchema) }).parse(JSON.parse(readFileSync(file, 'utf8')))
const rows = Map.groupBy(cases, (vector) => vector.name)
const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))

describe('the strict rule', () => {
  it.each([...rows])('decides as the vectors say: %s', (_name, vectors) => {
    for (const { public_key_hex, message_hex, signature_hex, valid } of vectors) {
      const verdict = verifySignature(bytes(public_key_hex), bytes(message_hex), bytes(signature_hex))
      expect(verdict, signature_hex).toBe(valid)
    }
  })

  it('has vectors on both sides for keys of mixed order', () => {
    const mixed = cases.filter(({ name }) => name.startsWith('key plus torsion'))
    expect(new Set(mixed.map(({ valid }) => valid))).toEqual(new Set([true, false]))
  })

  it('refuses a signature when any single bit of key, hash or signature is flipped', () => {
    const signer = createSigner(new Uint8Array(32).fill(7))
    const hash = blake3('an event')
    const signature = signer.sign(hash)
    const whole = Buffer.concat([signer.publicKey, hash, signature])

    expect(verifySignature(signer.publicKey, hash, signature)).toBe(true)
    fc.assert(
      fc.property(fc.nat(whole.length * 8 - 1), (bit) => {
        const flipped = Buffer.from(whole)
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))

        expect(verifySignature(flipped.subarray(0, 32), flipped.subarray(32, 64), flipped.subarray(64))).toBe(false)
      }),
      { numRuns: 300 },
    )
  })

  it('refuses a key that is no point, and S equal to the group order', () => {
    const signer = createSigner(new Uint8Array(32).fill(7))
    const hash = blake3('an event')
    const signature = signer.sign(hash)
    const order = bytes('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010')

    expect(verifySignature(new Uint8Array(32).fill(2), hash, signature)).toBe(false)
    expect(verifySignature(signer.publicKey, hash, Buffer.concat([signature.subarray(0, 32), order]))).toBe(false)
  })
})

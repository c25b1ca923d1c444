import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeRecoveryPhrase, encodeRecoveryPhrase } from '../../../node/config/recovery-phrase.ts'

const ZEROES = `${'abandon '.repeat(23)}art`

describe('a recovery phrase', () => {
  it('is the one of the BIP-39 test vectors', () => {
    expect(encodeRecoveryPhrase(new Uint8Array(32))).toBe(ZEROES)
  })

  it('gives back any seed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => {
        expect(decodeRecoveryPhrase(encodeRecoveryPhrase(seed))).toEqual(seed)
      }),
      { numRuns: 50 },
    )
  })

  it('may be written in any letter case and spacing', () => {
    expect(decodeRecoveryPhrase(`\n ${ZEROES.toUpperCase().replaceAll(' ', '\n  ')} `)).toEqual(new Uint8Array(32))
  })

  it.each([
    ['with a word too few', ZEROES.replace('abandon ', ''), 'has 24 words, this one 23'],
    ['that is empty', ' ', 'this one 0'],
    ['with a misspelt word', ZEROES.replace('abandon', 'abandn'), 'word 1 "abandn"'],
    ['with two words swapped', ZEROES.replace('abandon art', 'art abandon'), 'do not belong together'],
  ])('%s says what is wrong', (_, phrase, message) => {
    expect(() => decodeRecoveryPhrase(phrase)).toThrow(message)
  })
})

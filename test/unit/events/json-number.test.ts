import { describe, expect, it } from 'vitest'
import { canonicalNumber, numberOfToken } from '../../../node/events/json-number.ts'

describe('canonicalNumber', () => {
  it.each([
    ['10000000000000000000000', '1e22'],
    ['1234567890123456.5', '1234567890123456.5'],
    ['12345678901234567.5', '1.2345678901234568e16'],
    ['0.0000123', '0.0000123'],
    ['0.00000123', '1.23e-6'],
    ['-1.5e300', '-1.5e300'],
    ['-18446744073709551615', '-1.8446744073709552e19'],
    ['9223372036854775808', '9223372036854775808'],
    ['-0e0', '-0.0'],
    ['1e-400', '0.0'],
    ['-1e-99999999999999999999', '-0.0'],
    ['0e99999999999999999999', '0.0'],
  ])('writes %s as %s', (token, canonical) => {
    expect(canonicalNumber(token)).toBe(canonical)
  })

  it.each(['1e309', '-1e309', '1e99999999999999999999', '9'.repeat(400)])(
    'refuses %s, which no double holds',
    (token) => {
      expect(canonicalNumber(token)).toBeUndefined()
    },
  )

  it('takes no more digits than fit 64 bits, so a long decimal is read as its head', () => {
    expect(numberOfToken(`0.1${'0'.repeat(30)}9`)).toBe(0.1)
    expect(numberOfToken('18446744073709551616.5')).toBe(18446744073709551616)
  })

  it('reads a token of a million digits at once', () => {
    expect(canonicalNumber(`0.${'3'.repeat(1_000_000)}`)).toBe('0.33333333333333337')
  })
})

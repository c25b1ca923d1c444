import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, canonicalNode, compareCodePoints, tryCanonicalJson } from '../../../node/events/canonical.ts'
import { readJson } from '../../../node/events/json.ts'
import { jsonValue, wellFormed } from './arbitrary.ts'

describe('canonicalJson', () => {
  it('sorts keys by code point at every depth', () => {
    expect(canonicalJson({ '😀': 1, ﬀ: 2, a: { b: 1, Z: 2 }, 10: 3, 9: 4 })).toBe(
      '{"10":3,"9":4,"a":{"Z":2,"b":1},"ﬀ":2,"😀":1}',
    )
  })

  it('leaves out members that are undefined', () => {
    expect(canonicalJson({ b: undefined, a: 1 })).toBe('{"a":1}')
  })

  it('keeps a member called __proto__', () => {
    expect(canonicalJson(JSON.parse('{"__proto__":{"a":1}}'))).toBe('{"__proto__":{"a":1}}')
  })

  it.each([[0.5], [-0], [2 ** 53], [Number.NaN], [1n], ['\ud800'], [{ '\ud800': 1 }], [[undefined]], [() => 1]])(
    'has no form for %s',
    (value) => {
      expect(tryCanonicalJson(value)).toBeUndefined()
      expect(() => canonicalJson(value)).toThrow(TypeError)
    },
  )

  it('is the same whether made from a value or from its text, and does not change when made again', () => {
    fc.assert(
      fc.property(jsonValue(), (value) => {
        const text = canonicalJson(value)

        expect(canonicalNode(readJson(JSON.stringify(value)))).toBe(text)
        expect(canonicalNode(readJson(text))).toBe(text)
        expect(canonicalJson(JSON.parse(text))).toBe(text)
      }),
    )
  })
})

it('compareCodePoints orders text as its UTF-8 bytes are ordered', () => {
  fc.assert(
    fc.property(wellFormed(), wellFormed(), (left, right) => {
      expect(Math.sign(compareCodePoints(left, right))).toBe(Buffer.compare(Buffer.from(left), Buffer.from(right)))
    }),
  )
})

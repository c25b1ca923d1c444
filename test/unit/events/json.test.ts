import { describe, expect, it } from 'vitest'
import { JsonReadError, readJson } from '../../../node/events/json.ts'

function faultOf(text: string): string | undefined {
  try {
    readJson(text)
    return undefined
  } catch (error) {
    return error instanceof JsonReadError ? error.fault : 'a fault of another kind'
  }
}

describe('readJson', () => {
  it('keeps number tokens, repeated keys and where objects stood', () => {
    expect(readJson(' {"a":1.50,"a":[true,null]} ')).toEqual({
      kind: 'object',
      start: 1,
      end: 27,
      members: [
        { key: 'a', value: { kind: 'number', token: '1.50' } },
        {
          key: 'a',
          value: {
            kind: 'array',
            items: [
              { kind: 'literal', value: true },
              { kind: 'literal', value: null },
            ],
          },
        },
      ],
    })
  })

  it.each([
    '',
    ' ',
    '{',
    '{"a"',
    '{"a":}',
    '{"a":1,}',
    '{a:1}',
    "{'a':1}",
    '[1,]',
    '[1 2]',
    '[',
    '01',
    '1.',
    '.5',
    '+1',
    '1e',
    '-',
    'NaN',
    'nul',
    'nullx',
    '"a',
    '"\\"',
    '"\\x"',
    '"\\u12"',
    '"\t"',
    '1 2',
    '\ufeff{}',
    '/**/1',
    '\u00a01',
  ])('refuses %j', (text) => {
    expect(faultOf(text)).toBe('not_json')
  })

  it.each(['"\\ud800"', '"\\udc00\\ud800"', '{"\\ud83d":1}', '"\ud800"'])(
    'refuses the lone surrogate of %j',
    (text) => {
      expect(faultOf(text)).toBe('lone_surrogate')
    },
  )

  it('accepts 128 levels of brackets and refuses 129', () => {
    expect(faultOf('['.repeat(128) + ']'.repeat(128))).toBeUndefined()
    expect(faultOf('['.repeat(129) + ']'.repeat(129))).toBe('too_deep')
    expect(faultOf('{"a":'.repeat(100_000))).toBe('too_deep')
  })
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { scanJson } from '../../../node/http/json-scan.ts'

test.each([
  ['{"a":1,"a":2}', ['a']],
  ['{"a":1,"b":2}', []],
  ['{"a":"a","b":"a"}', []],
  ['{ "a" : 1 ,\n "\\u0061" : 2 }', ['a']],
  ['{"a":{"b":1,"b":2}}', ['a.b']],
  ['{"a":{"b":1},"c":{"b":2}}', []],
  ['{"a":{"b":{"c":1,"c":2}}}', []],
  ['{"a":[{"b":1,"b":2}],"a":0}', ['a']],
  ['{"a":[[]],"b":{"a":1,"c":1}}', []],
  ['[{"a":1,"a":2}]', []],
  ['{"\\"":1,"\\\\":2,"\\\\\\"":3}', []],
  ['{"a\\\\":"x\\\\","a\\\\":"}"}', ['a\\']],
  ['{"a":":","b":"\\":{"}', []],
  ['"a"', []],
])('%s repeats %j', (text, repeated) => {
  expect(scanJson(text).repeated).toEqual(repeated)
})

test.each([
  ['1', 0],
  ['{}', 1],
  ['[[],[[]]]', 3],
  ['{"a":"[[[["}', 1],
])('%s is %i deep', (text, depth) => {
  expect(scanJson(text).depth).toBe(depth)
})

test('whatever JSON.stringify writes repeats nothing and is as deep as its value', () => {
  const depthOf = (value: unknown): number =>
    typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0

  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
      const scan = scanJson(JSON.stringify(value, null, indent))
      expect(scan).toEqual({ depth: depthOf(value), repeated: [] })
    }),
  )
})

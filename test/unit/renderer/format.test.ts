import { expect, it } from 'vitest'
import { ago, countOf, duration, shortPeerId } from '../../../renderer/state/format.ts'

it.each([
  [0, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [3_600_000, '1 h'],
  [3_725_000, '1 h 2 min'],
  [90_061_000, '1 d 1 h'],
  [-5_000, '0 s'],
])('%i ms are %s', (ms, text) => {
  expect(duration(ms)).toBe(text)
})

it('what lies a little in the future, by another clock, is now', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')

  expect(ago('2026-01-01T00:00:30Z', now)).toBe('just now')
  expect(ago('2025-12-31T23:59:00Z', now)).toBe('1 min ago')
})

it('counts in words', () => {
  expect([countOf(1, 'guild'), countOf(12_345, 'guild')]).toEqual(['1 guild', '12,345 guilds'])
})

it('a peer id is shortened to where it differs from others', () => {
  expect(shortPeerId('12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp')).toBe('12D3…vnc6iDEp')
})

import { describe, expect, test } from 'vitest'
import { addressKey, createRateLimiter, requireAllowed } from '../../../node/services/rate-limit.ts'
import { heldClock } from '../../kit/clock.ts'

function limiterOf(limit: number, maxKeys?: number) {
  const clock = heldClock()
  const limiter = createRateLimiter({ clock, limit, windowMs: 60_000, ...(maxKeys !== undefined && { maxKeys }) })
  const kinds = (keys: string[]) => keys.map((key) => limiter.take(key).kind)
  return { clock, limiter, kinds }
}

test('a key has its uses, then is limited until its window ends', () => {
  const { clock, limiter, kinds } = limiterOf(2)

  expect(kinds(['a', 'a', 'a'])).toEqual(['allowed', 'allowed', 'limited'])
  clock.advance(59_999)
  expect(limiter.take('a')).toEqual({ kind: 'limited', retryAfterSecs: 1 })
  clock.advance(1)
  expect(kinds(['a', 'a', 'a'])).toEqual(['allowed', 'allowed', 'limited'])
})

test('the window begins with the first use and does not slide', () => {
  const { clock, kinds } = limiterOf(2)
  kinds(['a'])
  clock.advance(59_000)

  expect(kinds(['a', 'a'])).toEqual(['allowed', 'limited'])
  clock.advance(1_000)
  expect(kinds(['a', 'a'])).toEqual(['allowed', 'allowed'])
})

test('keys do not share uses', () => {
  const { kinds } = limiterOf(1)

  expect(kinds(['a', 'b', 'a', 'b'])).toEqual(['allowed', 'allowed', 'limited', 'limited'])
})

test('looking does not count', () => {
  const { limiter, kinds } = limiterOf(1)

  expect([limiter.check('a').kind, limiter.check('a').kind]).toEqual(['allowed', 'allowed'])
  kinds(['a'])
  expect(limiter.check('a')).toEqual({ kind: 'limited', retryAfterSecs: 60 })
})

test('when there are too many keys the one that began first gives way', () => {
  const { clock, kinds } = limiterOf(1, 3)
  for (const key of ['a', 'b', 'c', 'd']) {
    kinds([key])
    clock.advance(1)
  }

  expect(kinds(['d', 'c'])).toEqual(['limited', 'limited'])
  expect(kinds(['a'])).toEqual(['allowed'])
})

test('a clock that is set back does not lock anybody out', () => {
  const { clock, kinds } = limiterOf(1)
  kinds(['a'])

  clock.advance(-3_600_000)

  expect(kinds(['a', 'a'])).toEqual(['allowed', 'limited'])
})

test('a limited verdict becomes a refusal with the time to wait', () => {
  expect(() => requireAllowed({ kind: 'limited', retryAfterSecs: 7 }, 'wait')).toThrow(
    expect.objectContaining({ code: 'rate_limited', retryAfterSecs: 7 }),
  )
  expect(() => requireAllowed({ kind: 'allowed' }, 'wait')).not.toThrow()
})

describe('the key of an address', () => {
  test.each([
    ['203.0.113.5', '203.0.113.5'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['unknown', 'unknown'],
  ])('%s counts as %s', (address, key) => {
    expect(addressKey(address)).toBe(key)
  })
})

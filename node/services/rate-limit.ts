import { isIP } from 'node:net'
import type { Clock } from '../base/clock.ts'
import { AppError } from '../base/errors.ts'

export interface RateLimitOptions {
  clock: Clock
  /** Uses of one key within a window. */
  limit: number
  windowMs: number
  /** Keys remembered at once; the one whose window began first gives way. */
  maxKeys?: number
}

export type RateVerdict = { kind: 'allowed' } | { kind: 'limited'; retryAfterSecs: number }

/**
 * Counts uses per key in fixed windows that begin with the first use of the key (contract 2.12). Lives in memory and
 * is bounded.
 */
export interface RateLimiter {
  /** Counts one use unless the key has none left; a refused use is not counted. */
  take(key: string): RateVerdict
  /** The verdict `take` would give, counting nothing. */
  check(key: string): RateVerdict
}

interface Window {
  endsAt: number
  used: number
}

const ALLOWED: RateVerdict = { kind: 'allowed' }
const DEFAULT_MAX_KEYS = 100_000

export function createRateLimiter(options: RateLimitOptions): RateLimiter {
  const { clock, limit, windowMs, maxKeys = DEFAULT_MAX_KEYS } = options
  // All windows are equally long, so the order of insertion is the order in which they end.
  const windows = new Map<string, Window>()

  function openWindow(key: string, now: number): Window | undefined {
    const window = windows.get(key)
    if (window === undefined || isOpen(window, now)) return window
    windows.delete(key)
    return undefined
  }

  /** A window that ends too far ahead was begun before the clock was set back. */
  const isOpen = ({ endsAt }: Window, now: number): boolean => endsAt > now && endsAt <= now + windowMs

  function makeRoom(now: number): void {
    for (const [key, window] of windows) {
      if (isOpen(window, now) && windows.size < maxKeys) return
      windows.delete(key)
    }
  }

  const judge = (window: Window | undefined, now: number): RateVerdict =>
    window === undefined || window.used < limit
      ? ALLOWED
      : { kind: 'limited', retryAfterSecs: Math.ceil((window.endsAt - now) / 1000) }

  return {
    take(key) {
      const now = clock.now()
      const window = openWindow(key, now)
      const verdict = judge(window, now)
      if (verdict.kind === 'limited') return verdict
      if (window !== undefined) {
        window.used += 1
        return verdict
      }
      makeRoom(now)
      windows.set(key, { endsAt: now + windowMs, used: 1 })
      return verdict
    },
    check(key) {
      const now = clock.now()
      return judge(openWindow(key, now), now)
    },
  }
}

/** Throws `rate_limited` with the seconds to wait. */
export function requireAllowed(verdict: RateVerdict, message: string): void {
  if (verdict.kind === 'allowed') return
  throw new AppError('rate_limited', message, { retryAfterSecs: verdict.retryAfterSecs })
}

/** One key per customer: an IPv4 address, or the /64 that an IPv6 user commands as a whole. */
export function addressKey(address: string): string {
  if (isIP(address) !== 6) return address
  const [head = '', tail] = address.split('%', 1).join('').split('::', 2)
  const groups = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - after.length)
  const all = [...groups, ...Array<string>(zeros).fill('0'), ...after]
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

import type { Clock } from '../base/clock.ts'

/** A token bucket per key. */
export interface RateLimit<Key> {
  /** Takes `count` tokens if the key has them. */
  allow(key: Key, count?: number): boolean
  /** Forgets a key: it starts with a full bucket. */
  forget(key: Key): void
}

/** Whoever makes up new keys all the time must not fill our memory: the key longest unseen starts anew. */
const MAX_KEYS = 4_096

interface Bucket {
  tokens: number
  filledAt: number
}

/** `perSecond` tokens flow in; up to `burst` are kept. */
export function createRateLimit<Key>(
  clock: Clock,
  { perSecond, burst }: { perSecond: number; burst: number },
): RateLimit<Key> {
  const buckets = new Map<Key, Bucket>()

  function fill(key: Key): Bucket {
    const now = clock.now()
    const bucket = buckets.get(key) ?? { tokens: burst, filledAt: now }
    const elapsedMs = Math.max(0, now - bucket.filledAt)
    bucket.tokens = Math.min(burst, bucket.tokens + (elapsedMs * perSecond) / 1000)
    bucket.filledAt = now
    buckets.delete(key)
    buckets.set(key, bucket)
    const oldest = buckets.size > MAX_KEYS ? buckets.keys().next().value : undefined
    if (oldest !== undefined) buckets.delete(oldest)
    return bucket
  }

  return {
    allow(key, count = 1) {
      const bucket = fill(key)
      if (bucket.tokens < count) return false
      bucket.tokens -= count
      return true
    },
    forget: (key) => buckets.delete(key),
  }
}

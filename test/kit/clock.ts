import type { Clock } from '../../node/base/clock.ts'

/** A clock that moves only when told to. */
export interface HeldClock extends Clock {
  advance(ms: number): void
  set(ms: number): void
}

export function heldClock(startMs: number = Date.parse('2026-01-02T03:04:05.123Z')): HeldClock {
  let now = startMs
  return {
    now: () => now,
    advance(ms) {
      now += ms
    },
    set(ms) {
      now = ms
    },
  }
}

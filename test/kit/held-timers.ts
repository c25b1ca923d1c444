import type { Timers } from '../../node/federation/timers.ts'
import type { HeldClock } from './clock.ts'

/** Timers that ring only when the clock they hang on is moved. */
export interface HeldTimers extends Timers {
  /** Moves the clock and rings what is due, in order. */
  advance(ms: number): void
}

export function heldTimers(clock: HeldClock, random: () => number = () => 0.5): HeldTimers {
  let pending: { at: number; call: () => void }[] = []

  function nextDue(until: number): { at: number; call: () => void } | undefined {
    return pending.filter((timer) => timer.at <= until).sort((left, right) => left.at - right.at)[0]
  }

  return {
    after(delayMs, call) {
      const timer = { at: clock.now() + delayMs, call }
      pending.push(timer)
      return () => void (pending = pending.filter((other) => other !== timer))
    },
    random,
    advance(ms) {
      const end = clock.now() + ms
      for (let due = nextDue(end); due !== undefined; due = nextDue(end)) {
        const { at, call } = due
        pending = pending.filter((other) => other !== due)
        clock.set(Math.max(at, clock.now()))
        call()
      }
      clock.set(end)
    },
  }
}

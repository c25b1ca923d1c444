import { describe, expect, it } from 'vitest'
import type { ServerName } from '../../../node/base/ids.ts'
import { createPlanner } from '../../../node/federation/planner.ts'
import { heldClock } from '../../kit/clock.ts'
import { heldTimers } from '../../kit/held-timers.ts'

const BOB = 'bob' as ServerName

function setUp() {
  const clock = heldClock(0)
  const timers = heldTimers(clock)
  const runs: number[] = []
  return { planner: createPlanner({ clock, timers, run: () => runs.push(clock.now()) }), timers, runs }
}

describe('the planner', () => {
  it('wishes that come close together are one', () => {
    const { planner, timers, runs } = setUp()

    planner.plan(BOB, 250)
    timers.advance(100)
    planner.plan(BOB, 250)
    timers.advance(1_000)

    expect(runs).toEqual([250])
  })

  it('an earlier wish moves a later one forward', () => {
    const { planner, timers, runs } = setUp()

    planner.plan(BOB, 2_000)
    planner.plan(BOB, 250)
    timers.advance(5_000)

    expect(runs).toEqual([250])
  })

  it('what was cancelled does not happen, and nothing does after the end', () => {
    const { planner, timers, runs } = setUp()

    planner.plan(BOB, 250)
    planner.cancel(BOB)
    timers.advance(1_000)
    planner.plan(BOB, 250)
    planner.stop()
    planner.plan(BOB, 250)
    timers.advance(1_000)

    expect(runs).toEqual([])
  })
})

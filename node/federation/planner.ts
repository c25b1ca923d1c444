import type { Clock } from '../base/clock.ts'
import type { ServerName } from '../base/ids.ts'
import type { Timers } from './timers.ts'

/** At most one thing to do for each peer, at the earliest time anybody asked for. */
export interface Planner {
  plan(peer: ServerName, delayMs: number): void
  cancel(peer: ServerName): void
  /** Forgets everything and takes nothing more. */
  stop(): void
}

export interface PlannerDeps {
  clock: Clock
  timers: Pick<Timers, 'after'>
  run(peer: ServerName): void
}

export function createPlanner({ clock, timers, run }: PlannerDeps): Planner {
  const planned = new Map<ServerName, { due: number; cancel: () => void }>()
  let isStopped = false

  function cancel(peer: ServerName): void {
    planned.get(peer)?.cancel()
    planned.delete(peer)
  }

  return {
    plan(peer, delayMs) {
      const due = clock.now() + delayMs
      const earlier = planned.get(peer)
      if (isStopped || (earlier !== undefined && earlier.due <= due)) return
      cancel(peer)
      const stopTimer = timers.after(delayMs, () => {
        planned.delete(peer)
        run(peer)
      })
      planned.set(peer, { due, cancel: stopTimer })
    },
    cancel,
    stop() {
      isStopped = true
      for (const peer of planned.keys()) cancel(peer)
    },
  }
}

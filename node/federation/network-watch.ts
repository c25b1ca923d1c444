import { networkInterfaces } from 'node:os'
import type { Timers } from './timers.ts'

const LOOK_MS = 5_000

/** A laptop that changes its network should not wait for the backoff to run out. */
export function createNetworkWatch(timers: Timers, onChange: () => void): { start(): void; stop(): void } {
  const look = () => JSON.stringify(networkInterfaces())
  let seen = look()
  let cancel = () => {}

  function tick(): void {
    const current = look()
    if (current !== seen) onChange()
    seen = current
    cancel = timers.after(LOOK_MS, tick)
  }

  return { start: tick, stop: () => cancel() }
}

/** Waiting, so that tests can hold it. */
export interface Timers {
  /** Calls once after `delayMs` unless cancelled. Does not keep the process alive. */
  after(delayMs: number, call: () => void): () => void
  /** 0 to 1, for jitter. */
  random(): number
}

export const systemTimers: Timers = {
  after(delayMs, call) {
    const timer = setTimeout(call, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
}

/** `value` plus or minus up to `share` of it, so that many nodes do not act in step. */
export const jitter = (timers: Timers, value: number, share: number): number =>
  value * (1 - share + 2 * share * timers.random())

import { messageOf } from './errors.ts'
import type { StopReport } from './lifecycle.ts'
import type { Logger } from './log.ts'

/** What runs until it is told to stop: a node, or anything with a lifecycle. */
export interface Runnable {
  start(): Promise<void>
  stop(): Promise<StopReport>
}

/** The part of `process` that is used, so that tests can hold it. */
export interface SignalHost {
  exitCode?: number | string | null | undefined
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
  off(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
  exit(code: number): unknown
}

const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const

/** Time left for handles to close on their own. Everything is stopped and every log line written, so little is needed. */
const LINGER_MS = 50

/**
 * For entry points. Starts, and resolves when SIGINT or SIGTERM has stopped everything, with exit code 0; a part that
 * hung or failed gives 1. A second signal exits at once with 128 + its number. Rejects when the start fails.
 */
export async function runUntilSignal(runnable: Runnable, log: Logger, host: SignalHost = process): Promise<void> {
  const signal = listenForSignal(host)
  try {
    // Stopping while still starting is the lifecycle's matter: its start then fails and that is no fault.
    const failure = await Promise.race([
      runnable.start().then(() => undefined, toFailure),
      signal.first.then(() => undefined),
    ])
    if (failure) throw failure.thrown
    const name = await signal.first
    log.info({ signal: name }, 'Stopping; the same signal again exits at once')
    const report = await runnable.stop()
    host.exitCode = report.hung.length + report.failed.length > 0 ? 1 : 0
    log.info({ ...report }, 'Stopped')
  } finally {
    signal.close()
  }
  forceExitSoon(host, log)
}

const toFailure = (thrown: unknown): { thrown: unknown } => ({ thrown })

function listenForSignal(host: SignalHost) {
  const { promise: first, resolve } = Promise.withResolvers<keyof typeof SIGNALS>()
  let isStopping = false
  const listenerFor = (name: keyof typeof SIGNALS) => () => {
    if (isStopping) host.exit(128 + SIGNALS[name])
    isStopping = true
    resolve(name)
  }
  const listeners = { SIGINT: listenerFor('SIGINT'), SIGTERM: listenerFor('SIGTERM') }
  const names = ['SIGINT', 'SIGTERM'] as const
  for (const name of names) host.on(name, listeners[name])
  return {
    first,
    close() {
      for (const name of names) host.off(name, listeners[name])
    },
  }
}

/** The process ends by itself when nothing is open; this is for a timer or socket some library forgot. */
function forceExitSoon(host: SignalHost, log: Logger): void {
  setTimeout(() => {
    log.debug({ open: process.getActiveResourcesInfo() }, 'Something is still open after the stop; exiting anyway')
    host.exit(Number(host.exitCode ?? 0))
  }, LINGER_MS).unref()
}

/** Writes what would otherwise only reach the console of a crashed process; Node still ends it as usual. */
export function logCrashes(log: Logger): void {
  process.on('uncaughtExceptionMonitor', (error) => log.error({ error }, `The node crashed: ${messageOf(error)}`))
}

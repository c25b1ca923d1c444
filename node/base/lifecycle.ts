import { messageOf } from './errors.ts'
import type { Logger } from './log.ts'

/** `details` are for the owner and may name files; `reason` is a word anybody may read. */
export type PartHealth = { status: 'ready' } | { status: 'degraded' | 'failed'; details: string; reason?: string }

/**
 * One piece of a running node. `start` opens doors and cleans up after itself when it fails; `stop` closes them and is
 * only called after a `start` that succeeded. `health` is asked at any time between the two and must not block.
 */
export interface Part {
  name: string
  start?(): void | Promise<void>
  stop?(): void | Promise<void>
  health?(): PartHealth
}

export interface PartStatus {
  name: string
  status: 'waiting' | 'starting' | 'stopping' | 'stopped' | PartHealth['status']
  details?: string
  reason?: string
}

export interface StopReport {
  /** Parts that did not stop in their share of the deadline, in the order they were asked. */
  hung: string[]
  /** Parts whose `stop` threw. */
  failed: string[]
}

export interface Lifecycle {
  /** Parts start in the order they are added and stop in reverse. Throws once the lifecycle has started. */
  add(part: Part): void
  /** Starts all parts. When one fails, those before it are stopped and its error is thrown. */
  start(): Promise<void>
  /** Safe to call twice and while starting; every call gets the same report. Never rejects. */
  stop(): Promise<StopReport>
  status(): PartStatus[]
  /** True when every part is started and none of them has failed (a degraded part still serves). */
  isReady(): boolean
}

interface LifecycleOptions {
  /** For all parts together. One that hangs gets half of what is left, so that those after it have their turn. */
  stopDeadlineMs?: number
}

type Stage = { kind: 'waiting' | 'starting' | 'running' | 'stopping' | 'stopped' } | { kind: 'failed'; details: string }

interface Member {
  part: Part
  stage: Stage
}

export function createLifecycle(log: Logger, { stopDeadlineMs = 5000 }: LifecycleOptions = {}): Lifecycle {
  const members: Member[] = []
  let started: Promise<void> | undefined
  let stopped: Promise<StopReport> | undefined

  async function startAll(): Promise<void> {
    for (const member of members) {
      if (stopped) throw new Error('The node was stopped while it was starting')
      await startPart(member, log)
    }
  }

  async function stopAll(): Promise<StopReport> {
    const endsAt = performance.now() + stopDeadlineMs
    const allowanceMs = () => Math.max(0, (endsAt - performance.now()) / 2)
    // A part in the middle of its start is let finish: only a started part can be stopped.
    if (started)
      await within(
        allowanceMs(),
        started.catch(() => {}),
      )
    const report: StopReport = { hung: [], failed: [] }
    for (const member of members.toReversed()) {
      if (member.stage.kind === 'starting') report.hung.push(member.part.name)
      if (member.stage.kind !== 'running') continue
      const outcome = await stopPart(member, log, allowanceMs())
      if (outcome !== 'stopped') report[outcome].push(member.part.name)
    }
    return report
  }

  const stop = () => (stopped ??= stopAll())

  return {
    add(part) {
      if (started) throw new Error(`Part ${part.name} was added after the start`)
      members.push({ part, stage: { kind: 'waiting' } })
    },
    async start() {
      started ??= startAll()
      try {
        await started
      } catch (thrown) {
        await stop()
        throw thrown
      }
    },
    stop,
    status: () => members.map(statusOf),
    isReady: () => started !== undefined && members.every((member) => isServing(statusOf(member))),
  }
}

async function startPart(member: Member, log: Logger): Promise<void> {
  const { part } = member
  const since = performance.now()
  member.stage = { kind: 'starting' }
  try {
    await part.start?.()
  } catch (thrown) {
    member.stage = { kind: 'failed', details: messageOf(thrown) }
    throw thrown
  }
  member.stage = { kind: 'running' }
  log.debug({ part: part.name, took_ms: Math.round(performance.now() - since) }, 'Part started')
}

async function stopPart(member: Member, log: Logger, allowanceMs: number): Promise<'stopped' | keyof StopReport> {
  const { part } = member
  member.stage = { kind: 'stopping' }
  try {
    const isDone = await within(
      allowanceMs,
      Promise.try(() => part.stop?.()),
    )
    member.stage = isDone ? { kind: 'stopped' } : { kind: 'failed', details: 'did not stop in time' }
    if (!isDone) log.error({ part: part.name, waited_ms: Math.round(allowanceMs) }, 'Part did not stop in time')
    return isDone ? 'stopped' : 'hung'
  } catch (thrown) {
    member.stage = { kind: 'failed', details: messageOf(thrown) }
    log.error({ part: part.name, error: thrown }, 'Part failed to stop')
    return 'failed'
  }
}

function statusOf({ part, stage }: Member): PartStatus {
  const { name } = part
  switch (stage.kind) {
    case 'failed':
      return { name, status: 'failed', details: stage.details }
    case 'running':
      return { name, ...healthOf(part) }
    default:
      return { name, status: stage.kind }
  }
}

/** A part that cannot even tell how it is, is not well; asking must not break the status of the others. */
function healthOf(part: Part): PartHealth {
  try {
    return part.health?.() ?? { status: 'ready' }
  } catch (thrown) {
    return { status: 'failed', details: messageOf(thrown) }
  }
}

function isServing({ status }: PartStatus): boolean {
  return status === 'ready' || status === 'degraded'
}

/** True when the work ended in time; it is not cancelled otherwise. */
async function within(timeMs: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeMs)
  })
  try {
    return await Promise.race([work.then(() => true), timeout])
  } finally {
    clearTimeout(timer)
  }
}

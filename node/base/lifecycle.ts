import { messageOf } from './errors.ts'
import type { Logger } from './log.ts'

export type PartHealth = { status: 'ready' } | { status: 'degraded' | 'failed'; details: string }

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

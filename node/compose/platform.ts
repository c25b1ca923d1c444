import { randomBytes, randomUUID } from 'node:crypto'
import { type Clock, systemClock } from '../base/clock.ts'
import type { Transports } from '../federation/host.ts'

/** What a node takes from the world besides its configuration; tests hold it. */
export interface Platform {
  clock: Clock
  /** A fresh UUIDv4. */
  newId(): string
  randomBytes(size: number): Uint8Array
  /** Instead of TCP and WebSocket between nodes. */
  transports?: Transports
}

export const systemPlatform: Platform = {
  clock: systemClock,
  newId: () => randomUUID(),
  randomBytes: (size) => randomBytes(size),
}

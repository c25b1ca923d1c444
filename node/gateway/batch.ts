import type { Connection } from './connection.ts'

/** How long a burst waits for sockets that are behind before it goes on without them. */
const GRACE_MS = 10

/** Sends to many sockets whose writes leave together: each socket gets one write per batch, not one per frame. */
export interface Batch {
  send(connection: Connection, frame: Buffer): boolean
  /** Lets everything leave. */
  flush(): void
  /** Settles when every socket that was sent to has room again, or after a moment. */
  settled(): Promise<void>
}

export function createBatch(): Batch {
  const touched = new Set<Connection>()

  return {
    send(connection, frame) {
      if (!touched.has(connection)) {
        touched.add(connection)
        connection.cork()
      }
      return connection.send(frame)
    },
    flush() {
      for (const connection of touched) connection.uncork()
    },
    async settled() {
      const behind = [...touched].filter((connection) => connection.isCongested)
      if (behind.length === 0) return nextTurn()
      const { promise: grace, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, GRACE_MS)
      await Promise.race([grace, Promise.all(behind.map((connection) => connection.drained()))])
      clearTimeout(timer)
    },
  }
}

/** Lets sockets be written and read before the loop goes on. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

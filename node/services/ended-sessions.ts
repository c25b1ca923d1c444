import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import type { UserId } from '../base/ids.ts'
import type { Logger } from '../base/log.ts'
import { deleteEndedSessions, insertEndedSession, listEndedSessions } from '../storage/devices.ts'
import type { Database, WriteTx } from '../storage/database.ts'
import { ACCESS_TOKEN_LIFE_MS } from './access-token.ts'

/** A session that is over: its tokens no longer count and its sockets have to close. */
export interface SessionEnded {
  sessionId: string
  userId: UserId
  deviceId: string
  /** `replaced`: the same device signed in anew. `reused`: a spent refresh token was shown, so a copy exists. */
  reason: 'revoked' | 'replaced' | 'reused'
}

/**
 * Sessions that ended before their last access token did. The original lets such tokens live on (contract 1.8); here
 * they die at once. Only the ended ones are kept, for twelve hours at most, so checking costs one look-up in memory.
 */
export interface EndedSessions {
  has(sessionId: string): boolean
  /** Within the transaction that ends it; counts, and is told, once that is durable. */
  end(tx: WriteTx, ended: SessionEnded): void
  /** The listener must not throw. Gives what unsubscribes it. */
  onEnded(listener: (ended: SessionEnded) => void): () => void
}

export interface EndedSessionsDeps {
  db: Pick<Database, 'read'>
  clock: Clock
  log: Logger
}

export function createEndedSessions({ db, clock, log }: EndedSessionsDeps): EndedSessions {
  const untilById = new Map(
    db.read((tx) => listEndedSessions(tx, clock.now())).map(({ sessionId, until }) => [sessionId, until]),
  )
  const listeners = new Set<(ended: SessionEnded) => void>()

  function forgetExpired(now: number): void {
    for (const [sessionId, until] of untilById) {
      if (until > now) return
      untilById.delete(sessionId)
    }
  }

  function tell(ended: SessionEnded): void {
    for (const listener of listeners) {
      try {
        listener(ended)
      } catch (error) {
        log.error({ error: messageOf(error) }, 'A listener of ended sessions failed')
      }
    }
  }

  return {
    has: (sessionId) => untilById.has(sessionId),
    end(tx, ended) {
      const now = clock.now()
      const until = now + ACCESS_TOKEN_LIFE_MS
      deleteEndedSessions(tx, now)
      insertEndedSession(tx, { sessionId: ended.sessionId, until })
      tx.afterCommit(() => {
        forgetExpired(now)
        untilById.set(ended.sessionId, until)
        tell(ended)
      })
    },
    onEnded(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

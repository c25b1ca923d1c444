import { type AdminApi, createAdminApi, Refused, Unreachable } from '../api.ts'
import type { OpenSession, Store } from './store.ts'
import { keptToken } from './token.ts'
import { watchWhileVisible } from './watch.ts'

/** The page's access to the node, and what it sees by it. */
export interface SessionKeeper {
  /** Shows what the token opens, if anything. */
  unlock(token: string): Promise<void>
  lock(): void
  /** Undefined while locked. */
  api(): AdminApi | undefined
  /** Looks again before the next turn. */
  refresh(): Promise<void>
}

const STATUS_MS = 1_000
const USERS_MS = 10_000

export function createSessionKeeper(store: Store): SessionKeeper {
  let current: { api: AdminApi; watch: Watch } | undefined

  function lock(problem?: string): void {
    current?.watch.stop()
    current = undefined
    keptToken.drop()
    store.set({ session: { kind: 'locked', problem }, dialog: undefined, sending: { kind: 'idle' } })
  }

  async function unlock(token: string): Promise<void> {
    store.set({ session: { kind: 'checking' } })
    const api = createAdminApi(token)
    try {
      const status = await api.status()
      keptToken.keep(token)
      store.set({ session: { kind: 'open', status, users: undefined }, contact: { kind: 'live', heardAt: Date.now() } })
      current = { api, watch: startWatch(api, store, (refusal) => lock(whyLocked(refusal))) }
    } catch (error) {
      if (error instanceof Refused) return lock(whyLocked(error))
      // The token may well be right, so it is not dropped: a reload needs no second look for it.
      store.set({ session: { kind: 'locked', problem: `The node cannot be reached. ${problemOf(error)}` } })
    }
  }

  return {
    unlock,
    lock: () => lock(),
    api: () => current?.api,
    refresh: async () => current?.watch.look(),
  }
}

interface Watch {
  /** Looks at everything before its turn. */
  look(): Promise<void>
  stop(): void
}

/** Keeps what the page knows of the node fresh. `onRefused` hears when the token no longer counts. */
function startWatch(api: AdminApi, store: Store, onRefused: (refusal: Refused) => void): Watch {
  let isStopped = false

  function learn(news: Partial<Pick<OpenSession, 'status' | 'users'>>): void {
    const { session } = store.get()
    if (!isStopped && session.kind === 'open') store.set({ session: { ...session, ...news } })
  }

  async function lookAtStatus(): Promise<void> {
    try {
      learn({ status: await api.status() })
      if (!isStopped) store.set({ contact: { kind: 'live', heardAt: Date.now() } })
    } catch (error) {
      if (isStopped) return
      if (error instanceof Refused) return onRefused(error)
      store.set({ contact: { kind: 'lost', heardAt: store.get().contact.heardAt, reason: problemOf(error) } })
    }
  }

  async function lookAtUsers(): Promise<void> {
    // What is wrong shows by the status, which is asked for far more often.
    const users = await api.users().catch(() => undefined)
    if (users !== undefined) learn({ users })
  }

  const stops = [watchWhileVisible(lookAtStatus, STATUS_MS), watchWhileVisible(lookAtUsers, USERS_MS)]
  return {
    look: async () => void (await Promise.all([lookAtStatus(), lookAtUsers()])),
    stop() {
      isStopped = true
      for (const stop of stops) stop()
    },
  }
}

const whyLocked = (error: Refused): string =>
  error.status === 401 ? 'This is not the admin token of this node.' : error.message

/** What to tell people; anything the API did not throw is a fault of this page and goes on. */
export function problemOf(error: unknown): string {
  if (error instanceof Refused || error instanceof Unreachable) return error.message
  throw error
}

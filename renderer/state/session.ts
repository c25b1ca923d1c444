import { type AdminApi, createAdminApi, Refused, Unreachable } from '../api.ts'
import type { Store } from './store.ts'
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
  let current: AdminApi | undefined
  let stopWatching = () => {}

  function lock(problem?: string): void {
    stopWatching()
    keptToken.drop()
    current = undefined
    store.set({ session: { kind: 'locked', problem }, dialog: undefined, sending: { kind: 'idle' } })
  }

  async function unlock(token: string): Promise<void> {
    store.set({ session: { kind: 'checking' } })
    const api = createAdminApi(token)
    try {
      const status = await api.status()
      keptToken.keep(token)
      current = api
      store.set({ session: { kind: 'open', status, users: undefined }, contact: { kind: 'live', heardAt: Date.now() } })
      watch(api)
    } catch (error) {
      if (error instanceof Refused) return lock(whyLocked(error))
      // The token may well be right, so it is not dropped: a reload needs no second look for it.
      store.set({ session: { kind: 'locked', problem: `The node cannot be reached. ${problemOf(error)}` } })
    }
  }

  function watch(api: AdminApi): void {
    const stops = [
      watchWhileVisible(() => lookAtStatus(api), STATUS_MS),
      watchWhileVisible(() => lookAtUsers(api), USERS_MS),
    ]
    stopWatching = () => stops.forEach((stop) => stop())
  }

  async function lookAtStatus(api: AdminApi): Promise<void> {
    try {
      const status = await api.status()
      const { session } = store.get()
      if (current !== api || session.kind !== 'open') return
      store.set({ session: { ...session, status }, contact: { kind: 'live', heardAt: Date.now() } })
    } catch (error) {
      if (current !== api) return
      if (error instanceof Refused) return lock(whyLocked(error))
      store.set({ contact: { kind: 'lost', heardAt: store.get().contact.heardAt, reason: problemOf(error) } })
    }
  }

  async function lookAtUsers(api: AdminApi): Promise<void> {
    // What is wrong shows by the status, which is asked for far more often.
    const users = await api.users().catch(() => undefined)
    const { session } = store.get()
    if (users !== undefined && current === api && session.kind === 'open') store.set({ session: { ...session, users } })
  }

  return {
    unlock,
    lock: () => lock(),
    api: () => current,
    async refresh() {
      if (current !== undefined) await Promise.all([lookAtStatus(current), lookAtUsers(current)])
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

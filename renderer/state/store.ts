import type { CreatedInviteBody, NodeStatusBody, UserBody } from '../../node/api/admin/shapes.ts'

export const SCREENS = ['overview', 'guilds', 'peers', 'people'] as const
export type Screen = (typeof SCREENS)[number]

export type Session = { kind: 'locked'; problem: string | undefined } | { kind: 'checking' } | OpenSession

export interface OpenSession {
  kind: 'open'
  status: NodeStatusBody
  /** Undefined until they were read once. */
  users: readonly UserBody[] | undefined
}

/** Whether the node answers, by the last time it was asked. Times are milliseconds of this computer's clock. */
export type Contact = { kind: 'live'; heardAt: number } | { kind: 'lost'; heardAt: number; reason: string }

export type Dialog =
  | { kind: 'invite'; guildId: string | undefined; made: CreatedInviteBody | undefined }
  | { kind: 'join' }
  | { kind: 'add-peer' }
  | { kind: 'block'; peerId: string }
  | { kind: 'forget'; peerId: string }
  | { kind: 'add-user' }

/** How the form of the open dialog stands. */
export type Sending = { kind: 'idle' } | { kind: 'busy' } | { kind: 'failed'; problem: string }

export interface AppState {
  session: Session
  contact: Contact
  screen: Screen
  dialog: Dialog | undefined
  sending: Sending
  /** What just happened, in a few words. */
  note: string | undefined
}

export interface Store {
  get(): AppState
  set(change: Partial<AppState>): void
}

/** Tells `onChange` once for all changes made in one turn. */
export function createStore(initial: AppState, onChange: () => void): Store {
  let state = initial
  let isTold = false
  return {
    get: () => state,
    set(change) {
      state = { ...state, ...change }
      if (isTold) return
      isTold = true
      queueMicrotask(() => {
        isTold = false
        onChange()
      })
    },
  }
}

import type { InviteTermsBody } from '../../node/api/admin/shapes.ts'
import type { ActingAs, AdminApi } from '../api.ts'
import { problemOf, type SessionKeeper } from './session.ts'
import type { AppState, Dialog, Screen, Store } from './store.ts'

/** Everything the pages can ask for. None of these throws: what goes wrong is told in the state. */
export interface Actions extends Commands {
  unlock(token: string): Promise<void>
  lock(): void
  show(screen: Screen): void
  open(dialog: Dialog): void
  close(): void
  copy(text: string, what: string): Promise<void>
}

/** What the node is told to do. */
interface Commands {
  invite(guildId: string, terms: InviteTermsBody & ActingAs): Promise<void>
  join(invitation: { link: string } & ActingAs): Promise<void>
  addPeer(address: string): Promise<void>
  block(peerId: string): Promise<void>
  unblock(peerId: string): Promise<void>
  forget(peerId: string): Promise<void>
  addUser(account: { username: string; password: string }): Promise<void>
}

const NOTE_MS = 4_000

/** What a command came to: a few words, and what the page shows next. */
type Outcome = { note: string } & Pick<Partial<AppState>, 'dialog' | 'screen'>

export function createActions(store: Store, session: SessionKeeper): Actions {
  let noteTimer: ReturnType<typeof setTimeout> | undefined

  function say(note: string): void {
    clearTimeout(noteTimer)
    store.set({ note })
    noteTimer = setTimeout(() => store.set({ note: undefined }), NOTE_MS)
  }

  /** Runs one command at a time, for the dialog that is open if there is one; it closes unless the outcome opens another. */
  async function run(command: (api: AdminApi) => Promise<Outcome>): Promise<void> {
    const api = session.api()
    const { dialog, sending } = store.get()
    if (api === undefined || sending.kind === 'busy') return
    store.set({ sending: { kind: 'busy' } })
    try {
      const { note, ...next } = await command(api)
      if (session.api() !== api) return
      say(note)
      const isStillOpen = store.get().dialog === dialog
      store.set({ sending: { kind: 'idle' }, ...(isStillOpen ? { dialog: undefined, ...next } : {}) })
      await session.refresh()
    } catch (error) {
      if (session.api() === api) tellProblem(problemOf(error), dialog)
    }
  }

  function tellProblem(problem: string, dialog: Dialog | undefined): void {
    const isInDialog = dialog !== undefined && store.get().dialog === dialog
    store.set({ sending: isInDialog ? { kind: 'failed', problem } : { kind: 'idle' } })
    if (!isInDialog) say(problem)
  }

  return {
    unlock: session.unlock,
    lock: session.lock,
    show: (screen) => store.set({ screen }),
    open(dialog) {
      store.set({ dialog, sending: { kind: 'idle' } })
      // Forms offer the accounts to choose from, which are otherwise looked at now and then only.
      void session.refresh()
    },
    close: () => store.set({ dialog: undefined, sending: { kind: 'idle' } }),
    ...commandsBy(run),
    async copy(text, what) {
      say((await copyText(text)) ? `${what} copied` : `Copying is not allowed here. ${what}: ${text}`)
    },
  }
}

type Run = (command: (api: AdminApi) => Promise<Outcome>) => Promise<void>

function commandsBy(run: Run): Commands {
  const runQuietly = (send: (api: AdminApi) => Promise<void>, note: string) =>
    run(async (api) => {
      await send(api)
      return { note }
    })

  return {
    invite: (guildId, terms) =>
      run(async (api) => {
        const made = await api.createInvite(guildId, terms)
        return { note: 'Invite made', dialog: { kind: 'invite', guildId, made } }
      }),
    join: (invitation) =>
      run(async (api) => ({ note: `Joined ${(await api.join(invitation)).name}`, screen: 'guilds' })),
    addUser: (account) => run(async (api) => ({ note: `Account ${(await api.addUser(account)).username} added` })),
    addPeer: (address) => runQuietly((api) => api.addPeer(address), 'Peer added; connecting to it'),
    block: (peerId) => runQuietly((api) => api.blockPeer(peerId), 'Peer blocked'),
    unblock: (peerId) => runQuietly((api) => api.unblockPeer(peerId), 'Peer unblocked'),
    forget: (peerId) => runQuietly((api) => api.forgetPeer(peerId), 'Peer forgotten'),
  }
}

/** Browsers allow it on this computer and over TLS only. */
const copyText = async (text: string): Promise<boolean> =>
  navigator.clipboard !== undefined &&
  navigator.clipboard.writeText(text).then(
    () => true,
    () => false,
  )

import { h, type Child, type View } from '../components/view.ts'
import { inviteForm, madeInvite } from '../dialogs/invite.ts'
import { addPeerForm, addUserForm, blockForm, forgetForm, joinForm } from '../dialogs/small.ts'
import type { Actions } from '../state/actions.ts'
import { healthOf } from '../state/health.ts'
import type { AppState, Dialog, OpenSession } from '../state/store.ts'
import { gate } from './gate.ts'
import { guilds } from './guilds.ts'
import { overview } from './overview.ts'
import { peers } from './peers.ts'
import { people } from './people.ts'
import { shell } from './shell.ts'

/** The whole page for a state. */
export function appView({ state, now }: { state: AppState; now: number }, actions: Actions): View[] {
  const { session } = state
  if (session.kind !== 'open') return [gate(session, actions)]
  const health = healthOf(session.status)
  const { status, users } = session
  const parts = {
    nodeName: status.name,
    screen: state.screen,
    contact: state.contact,
    counts: { guilds: status.guilds.length, peers: status.peers.length, people: users?.length },
    alarms: health.findings.filter(({ tone }) => tone === 'bad'),
    content: screenOf(state, { session, now }, actions),
  }
  return [shell(parts, actions), dialogView(state, session, actions), noteView(state.note)]
}

function screenOf(state: AppState, { session, now }: { session: OpenSession; now: number }, actions: Actions): Child {
  const { status, users } = session
  const canAct = state.contact.kind === 'live'
  switch (state.screen) {
    case 'overview':
      return overview({ status, users, health: healthOf(status), now, canAct }, actions)
    case 'guilds':
      return guilds({ status, canAct }, actions)
    case 'peers':
      return peers({ status, now, canAct }, actions)
    case 'people':
      return people({ users, canAct }, actions)
  }
}

/** Always in the page; it opens and closes as a whole, which keeps the browser's own care for focus and Escape. */
function dialogView(state: AppState, session: OpenSession, actions: Actions): View {
  const content = state.dialog && dialogContent(state.dialog, { state, session }, actions)
  return h('dialog', { 'aria-labelledby': 'dialog-title', key: 'dialog', onclose: actions.close }, content)
}

function dialogContent(
  dialog: Dialog,
  { state, session }: { state: AppState; session: OpenSession },
  actions: Actions,
): Child {
  const { status } = session
  const users = session.users ?? []
  const parts = { sending: state.sending, canAct: state.contact.kind === 'live' }
  switch (dialog.kind) {
    case 'invite':
      return dialog.made === undefined
        ? inviteForm({ ...parts, status, users, guildId: dialog.guildId }, actions)
        : madeInvite(dialog.made, actions)
    case 'join':
      return joinForm({ ...parts, users }, actions)
    case 'add-peer':
      return addPeerForm(parts, actions)
    case 'add-user':
      return addUserForm({ ...parts, users }, actions)
    case 'block':
      return blockForm({ ...parts, status, peerId: dialog.peerId }, actions)
    case 'forget':
      return forgetForm({ ...parts, status, peerId: dialog.peerId }, actions)
  }
}

const noteView = (note: string | undefined): View =>
  h('div', { role: 'status', class: 'note-place', key: 'note' }, note !== undefined && h('p', { class: 'note' }, note))

import { patchChildren } from './components/patch.ts'
import { appView } from './screens/app.ts'
import { createActions } from './state/actions.ts'
import { createSessionKeeper } from './state/session.ts'
import { SCREENS, createStore, type Screen } from './state/store.ts'
import { keptToken } from './state/token.ts'

const root = document.querySelector('#app')
if (root === null) throw new Error('The page has no place for the app')

const store = createStore(
  {
    session: { kind: 'locked', problem: undefined },
    contact: { kind: 'live', heardAt: Date.now() },
    screen: screenOf(location.hash),
    dialog: undefined,
    sending: { kind: 'idle' },
    note: undefined,
  },
  show,
)
const actions = createActions(store, createSessionKeeper(store))

function show(): void {
  const state = store.get()
  const dialog = document.querySelector('dialog')
  // Before its content goes, so that the browser gives the focus back to where it was.
  if (state.dialog === undefined && dialog?.open === true) dialog.close()
  if (root !== null) patchChildren(root, appView({ state, now: Date.now() }, actions))
  if (state.dialog !== undefined) openDialog()
  document.title = titleOf()
  showAddress(state.screen)
}

/** Only where the address does not say it already: links change it by themselves. */
function showAddress(screen: Screen): void {
  if (screenOf(location.hash) === screen) return
  history.pushState(null, '', `#${screen}`)
}

function openDialog(): void {
  const dialog = document.querySelector('dialog')
  if (dialog?.open === false) dialog.showModal()
}

function titleOf(): string {
  const { session, contact } = store.get()
  if (session.kind !== 'open') return 'OpenGuild'
  return contact.kind === 'lost' ? `Not reachable: ${session.status.name}` : `${session.status.name} · OpenGuild`
}

function screenOf(hash: string): Screen {
  return SCREENS.find((screen) => `#${screen}` === hash) ?? 'overview'
}

addEventListener('hashchange', () => {
  actions.show(screenOf(location.hash))
  queueMicrotask(() => document.querySelector<HTMLElement>('#main')?.focus({ preventScroll: true }))
  scrollTo(0, 0)
})

const token = keptToken.read()
if (token === undefined) show()
else void actions.unlock(token)

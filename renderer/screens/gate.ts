import { button, field, form } from '../components/controls.ts'
import { h, type View } from '../components/view.ts'
import type { Actions } from '../state/actions.ts'
import type { Session } from '../state/store.ts'
import { keptToken } from '../state/token.ts'

/** Asks for the admin token. */
export function gate(session: Exclude<Session, { kind: 'open' }>, actions: Pick<Actions, 'unlock'>): View {
  const isChecking = session.kind === 'checking'
  const problem = session.kind === 'locked' ? session.problem : undefined
  return h(
    'main',
    { class: 'gate', id: 'main', key: 'gate' },
    h('img', { src: 'mark.svg', alt: '', width: 48, height: 48 }),
    h('h1', {}, 'OpenGuild'),
    h('p', { class: 'soft' }, 'Unlock the dashboard of this node.'),
    form(
      (read) => void actions.unlock(read('token').trim()),
      field({
        name: 'token',
        label: 'Admin token',
        type: 'password',
        required: true,
        autofocus: true,
        autocomplete: 'off',
        spellcheck: 'false',
        value: keptToken.read() ?? '',
        'aria-invalid': problem === undefined ? undefined : 'true',
      }),
      h('div', { role: 'alert', class: 'problem' }, problem),
      button(isChecking ? 'Checking…' : 'Unlock', { look: 'primary', submit: true, disabled: isChecking }),
    ),
    h(
      'p',
      { class: 'hint' },
      'It is in the file ',
      h('code', {}, 'admin-token'),
      ' in the data directory of the node, which the node prints when it starts. This tab forgets it when you close it.',
    ),
  )
}

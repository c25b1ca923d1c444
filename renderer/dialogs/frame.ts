import { button } from '../components/controls.ts'
import { type Child, h } from '../components/view.ts'
import type { Actions } from '../state/actions.ts'
import type { Sending } from '../state/store.ts'

export const title = (text: string): Child => h('h2', { id: 'dialog-title' }, text)

interface Ending {
  sending: Sending
  /** What the button says, at rest and while the node works on it. */
  verb: string
  busyVerb: string
  look?: 'primary' | 'danger'
  /** The node would not hear it. */
  canAct: boolean
}

/** The foot of a form in a dialog: what went wrong, and the two ways out. */
export function ending(
  { sending, verb, busyVerb, look = 'primary', canAct }: Ending,
  actions: Pick<Actions, 'close'>,
): Child {
  const isBusy = sending.kind === 'busy'
  return [
    h('div', { role: 'alert', class: 'problem' }, sending.kind === 'failed' && sending.problem),
    h(
      'div',
      { class: 'row end' },
      button('Cancel', { onClick: actions.close }),
      button(isBusy ? busyVerb : verb, { look, submit: true, disabled: isBusy || !canAct }),
    ),
  ]
}

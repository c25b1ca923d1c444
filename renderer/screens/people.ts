import type { UserBody } from '../../node/api/admin/shapes.ts'
import { button, copyable, empty, pill } from '../components/controls.ts'
import { table } from '../components/table.ts'
import { type Child, h, type View } from '../components/view.ts'
import type { Actions } from '../state/actions.ts'
import { fullTime } from '../state/format.ts'

export interface PeopleParts {
  users: readonly UserBody[] | undefined
  canAct: boolean
}

const COLUMNS = ['Account', 'Roles', 'Since', 'Id']

/** Accounts of this node; members of its guilds who live on other nodes are not among them. */
export function people({ users, canAct }: PeopleParts, actions: Pick<Actions, 'open' | 'copy'>): Child {
  const add = (look: 'primary' | 'plain') =>
    button('Add account', { look, disabled: !canAct, onClick: () => actions.open({ kind: 'add-user' }) })
  const heading = (...children: Child[]) => h('div', { class: 'heading' }, h('h1', {}, 'People'), children)
  if (users === undefined) return [heading(), h('p', { class: 'soft' }, 'Reading the accounts…')]
  if (users.length === 0) {
    return [
      heading(),
      empty(
        'No account yet',
        'The first account owns this node. Its name and password open any OpenGuild client.',
        add('primary'),
      ),
    ]
  }
  const rows = users.map((user) => ({
    key: user.user_id,
    cells: [
      h('strong', {}, user.username),
      rolesOf(user),
      h(
        'time',
        { datetime: user.created_at, title: fullTime(user.created_at) },
        new Date(user.created_at).toLocaleDateString(),
      ),
      copyable(actions, { what: 'user id', text: user.user_id, short: `${user.user_id.slice(0, 8)}…` }),
    ],
  }))
  return [
    heading(add('plain')),
    h('div', { class: 'card flush' }, table({ caption: 'Accounts of this node', columns: COLUMNS, rows })),
  ]
}

function rolesOf({ roles }: UserBody): View {
  if (roles.length === 0) return h('span', { class: 'soft' }, 'none')
  return h(
    'span',
    { class: 'row tight' },
    roles.map((role) => pill('quiet', role)),
  )
}

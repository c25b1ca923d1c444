import type { UserBody } from '../../node/api/admin/shapes.ts'
import { select } from '../components/controls.ts'
import type { Child } from '../components/view.ts'

/** Guilds know members, not nodes: somebody of this node has to do it. With one account there is nothing to choose. */
export function actAs(users: readonly UserBody[], label: string): Child {
  if (users.length < 2) return undefined
  const options = users.map(({ username }) => ({ value: username, text: username }))
  return select({ name: 'as', label }, options)
}

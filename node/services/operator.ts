import { AppError } from '../base/errors.ts'
import type { UserId } from '../base/ids.ts'
import { type Accounts, SERVER_OWNER } from './accounts.ts'
import type { AdminCaller } from './admin-access.ts'
import { type Caller, toAuthor } from './guild-access.ts'

/** For whom the operator of a node acts inside guilds: the law knows members, not admin tokens. */
export interface Operator {
  /**
   * The account with this username; without one the signed-in caller, else the first owner of the node.
   * Throws `not_found`, also while the node has no account.
   */
  actAs(admin: AdminCaller, username: string | undefined): Caller
}

export function createOperator({ accounts }: { accounts: Pick<Accounts, 'find' | 'list' | 'serverRoles'> }): Operator {
  const isOwner = (userId: UserId) => accounts.serverRoles(userId).includes(SERVER_OWNER)

  function findAccount(admin: AdminCaller, username: string | undefined) {
    if (username !== undefined) return accounts.list().find((user) => user.username === username)
    if (admin.kind === 'session') return accounts.find(admin.userId)
    return accounts.list().find((user) => isOwner(user.userId))
  }

  return {
    actAs(admin, username) {
      const user = findAccount(admin, username)
      if (user === undefined) {
        const message = username === undefined ? 'This node has no account yet; add one first' : 'There is no such user'
        throw new AppError('not_found', message)
      }
      return toAuthor(user)
    },
  }
}

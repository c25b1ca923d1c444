import { createHash, timingSafeEqual } from 'node:crypto'
import { SERVER_OWNER, type Accounts } from './accounts.ts'
import type { SessionCaller, Sessions } from './sessions.ts'

/** Whoever holds the admin token, or a session of a server owner. */
export type AdminCaller = { kind: 'admin_token' } | SessionCaller

export interface AdminAccess {
  /** Undefined when the token is neither. */
  authenticate(token: string): AdminCaller | undefined
}

export interface AdminAccessDeps {
  adminToken: string
  sessions: Pick<Sessions, 'authenticate'>
  accounts: Pick<Accounts, 'serverRoles'>
}

export function createAdminAccess({ adminToken, sessions, accounts }: AdminAccessDeps): AdminAccess {
  const expected = digest(adminToken)
  return {
    authenticate(token) {
      if (timingSafeEqual(digest(token), expected)) return { kind: 'admin_token' }
      const caller = sessions.authenticate(token)
      return caller !== undefined && accounts.serverRoles(caller.userId).includes(SERVER_OWNER) ? caller : undefined
    },
  }
}

/** Digests have one length, so comparing them tells nothing about the token's. */
const digest = (token: string): Buffer => createHash('sha256').update(token).digest()

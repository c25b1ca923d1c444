import { AppError } from '../base/errors.ts'
import { isLoopbackOrigin } from '../base/loopback-origin.ts'
import type { AdminCaller } from '../services/admin-access.ts'
import type { SessionCaller } from '../services/sessions.ts'
import type { RequestFacts } from './request-facts.ts'

/** Knows tokens. Gives undefined for one that does not count, whatever the reason. */
export interface Authenticator {
  session(token: string): SessionCaller | undefined
  admin(token: string): AdminCaller | undefined
  /** Origins, beside the node's own, whose pages may call the admin API (`app://` of the desktop). */
  adminOrigins: readonly string[]
  /** Origins whose pages may make accounts and sign in, beside those of this computer. With `*`: all. */
  clientOrigins: readonly string[]
  /** Whether admin calls from other computers are answered. */
  adminRemote: boolean
}

/** Decides who calls a route, or throws `unauthorized` or `forbidden`. */
export interface Guard<Caller> {
  kind: 'none' | 'session' | 'admin'
  identify(authenticator: Authenticator, request: RequestFacts): Caller
}

export const anyone: Guard<undefined> = { kind: 'none', identify: () => undefined }

/**
 * For calls that need no token. CORS lets every page call the node, so this is what keeps a page somebody merely visits
 * from making itself an account, the owner's even; programs send no origin.
 */
export const knownPages: Guard<undefined> = {
  kind: 'none',
  identify(authenticator, request) {
    const origin = request.header('origin')
    if (origin === undefined || isLoopbackOrigin(origin) || isOwnOrigin(origin, request.header('host')))
      return undefined
    const { adminOrigins, clientOrigins } = authenticator
    if (adminOrigins.includes(origin) || clientOrigins.includes(origin) || clientOrigins.includes('*')) return undefined
    throw new AppError('forbidden', 'Pages of this origin may not do this; see cors.allowed_origins')
  },
}

export const session: Guard<SessionCaller> = {
  kind: 'session',
  identify(authenticator, request) {
    const token = bearerToken(request.header('authorization'))
    const caller = token === undefined ? undefined : authenticator.session(token)
    if (caller === undefined) throw new AppError('unauthorized', 'Sign in: the access token is missing or has ended')
    return caller
  },
}

export const admin: Guard<AdminCaller> = {
  kind: 'admin',
  identify(authenticator, request) {
    checkAdminPlace(authenticator, request)
    checkAdminOrigin(authenticator, request)
    const token = bearerToken(request.header('authorization'))
    const caller = token === undefined ? undefined : authenticator.admin(token)
    if (caller !== undefined) return caller
    if (token !== undefined && authenticator.session(token) !== undefined) {
      throw new AppError('forbidden', 'This is for owners of the node: sign in as one, or use the admin token')
    }
    throw new AppError('unauthorized', 'The admin token is missing or wrong')
  },
}

/** For the pages of the dashboard: they hold nothing secret, but are served where admin calls are answered. */
export const adminPage: Guard<undefined> = {
  kind: 'none',
  identify(authenticator, request) {
    checkAdminPlace(authenticator, request)
    return undefined
  },
}

/** The token of `Bearer <token>`; only the two spellings the original takes (contract 1.8). */
export function bearerToken(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  if (!header.startsWith('Bearer ') && !header.startsWith('bearer ')) return undefined
  return header.slice('Bearer '.length).trim()
}

function checkAdminPlace(authenticator: Authenticator, request: RequestFacts): void {
  if (!authenticator.adminRemote && !request.isLocal) {
    throw new AppError('forbidden', 'Admin calls are answered on this computer only (see admin.allow_remote)')
  }
}

function checkAdminOrigin(authenticator: Authenticator, request: RequestFacts): void {
  const origin = request.header('origin')
  if (origin === undefined || isOwnOrigin(origin, request.header('host'))) return
  if (!authenticator.adminOrigins.includes(origin)) {
    throw new AppError('forbidden', 'Pages of this origin may not call the admin API')
  }
}

const isOwnOrigin = (origin: string, host: string | undefined): boolean =>
  host !== undefined && (origin === `http://${host}` || origin === `https://${host}`)

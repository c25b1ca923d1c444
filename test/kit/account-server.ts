import { randomUUID } from 'node:crypto'
import { tokensSchema } from '../../node/api/sessions.ts'
import { createAccounts, type Accounts, type RegistrationMode } from '../../node/services/accounts.ts'
import { createAccessTokens, type AccessTokens } from '../../node/services/access-token.ts'
import { createAdminAccess } from '../../node/services/admin-access.ts'
import { createCredentials } from '../../node/services/credentials.ts'
import { createEndedSessions, type EndedSessions } from '../../node/services/ended-sessions.ts'
import type { Memberships } from '../../node/services/memberships.ts'
import { createPasswords } from '../../node/services/passwords.ts'
import { createProfiles } from '../../node/services/profile.ts'
import { createSessions, type Sessions } from '../../node/services/sessions.ts'
import { accountRoutes } from '../../node/http/routes/accounts.ts'
import { sessionRoutes } from '../../node/http/routes/sessions.ts'
import type { HttpServerConfig } from '../../node/http/server.ts'
import type { Route } from '../../node/http/route.ts'
import type { Database } from '../../node/storage/database.ts'
import { heldClock, type HeldClock } from './clock.ts'
import { openTestDatabase, type TestDatabase } from './database.ts'
import { startHttp, type TestServer } from './http.ts'
import { recordingLogger } from './log.ts'

/** Bytes 00…1f: the signing key of the examples in the contract. */
export const SESSION_SEED = Uint8Array.from({ length: 32 }, (_, index) => index)
export const ADMIN_TOKEN = 'admin-token-of-this-test-node-0123456789'
export const SERVER_NAME = 'test-node'

interface Options {
  registration?: RegistrationMode
  checkInvite?: (link: string) => boolean
  memberships?: Memberships
  attemptsPerWindow?: number
  config?: Partial<HttpServerConfig>
  routes?: readonly Route[]
}

interface Parts {
  accounts: Accounts
  sessions: Sessions
  ended: EndedSessions
  accessTokens: AccessTokens
}

export interface AccountServer extends Parts, AsyncDisposable {
  http: TestServer
  clock: HeldClock
  database: TestDatabase
  log: ReturnType<typeof recordingLogger>
  register(username: string, password?: string): Promise<Response>
  login(username: string, deviceId?: string, password?: string): Promise<Response>
  /** Registers if need be, signs in and gives the tokens. */
  signIn(username: string, deviceId?: string): Promise<{ access_token: string; refresh_token: string }>
}

const noMemberships: Memberships = { guilds: () => [], channels: () => [] }

/** Accounts and sessions over HTTP on a database of their own, with a clock that stands still. */
export async function startAccountServer(options: Options = {}): Promise<AccountServer> {
  const database = await openTestDatabase()
  const clock = heldClock()
  const log = recordingLogger()
  const parts = createParts(database.db, { clock, log, ...options })
  const profiles = createProfiles({ ...parts, memberships: options.memberships ?? noMemberships, log })
  const adminAccess = createAdminAccess({ ...parts, adminToken: ADMIN_TOKEN })
  const http = await startHttp(
    [
      ...accountRoutes({ ...parts, profiles, serverName: SERVER_NAME }),
      ...sessionRoutes(parts),
      ...(options.routes ?? []),
    ],
    {
      log,
      ...(options.config && { config: options.config }),
      authenticator: {
        session: (token) => parts.sessions.authenticate(token),
        admin: (token) => adminAccess.authenticate(token),
        adminOrigins: [],
        clientOrigins: options.config?.corsOrigins ?? [],
        adminRemote: false,
      },
    },
  )

  const register = (username: string, password = 'correct horse') =>
    http.post('/users/register', { username, password })
  const login = (username: string, deviceId = 'laptop', password = 'correct horse') =>
    http.post('/sessions/login', { identifier: username, secret: password, device: { device_id: deviceId } })
  return {
    ...parts,
    http,
    clock,
    database,
    log,
    register,
    login,
    async signIn(username, deviceId) {
      await register(username)
      const response = await login(username, deviceId)
      if (response.status !== 200) throw new Error(`login of ${username} gave ${response.status}`)
      return tokensSchema.parse(await response.json())
    },
    async [Symbol.asyncDispose]() {
      await http.stop(0)
      await database[Symbol.asyncDispose]()
    },
  }
}

/** The services alone, on any database: a second call on the same one is a restart of the node. */
export function createParts(
  db: Database,
  { clock, log, ...options }: Options & { clock: HeldClock; log: ReturnType<typeof recordingLogger> },
): Parts {
  const passwords = createPasswords()
  const limits = { attemptsPerWindow: options.attemptsPerWindow ?? 10, windowMs: 60_000 }
  const credentials = createCredentials({ db, clock, passwords, limits })
  const accessTokens = createAccessTokens({ signingSeed: SESSION_SEED, fallbackKeys: [], clock })
  const ended = createEndedSessions({ db, clock, log })
  const accounts = createAccounts({
    db,
    clock,
    newId: randomUUID,
    passwords,
    registration: options.registration ?? 'open',
    limits,
    checkInvite: options.checkInvite ?? (() => false),
  })
  const sessions = createSessions({ db, clock, newId: randomUUID, log, credentials, accessTokens, ended })
  return { accounts, sessions, ended, accessTokens }
}

import type { Clock } from '../base/clock.ts'
import { AppError } from '../base/errors.ts'
import type { UserId } from '../base/ids.ts'
import type { Logger } from '../base/log.ts'
import type { Database } from '../storage/database.ts'
import { type Device, findDevice, listDevices } from '../storage/devices.ts'
import type { AccessTokens } from './access-token.ts'
import type { Credentials } from './credentials.ts'
import { createDeviceSessions, type Session } from './device-sessions.ts'
import type { EndedSessions } from './ended-sessions.ts'
import type { Caller } from './guild-access.ts'
import { type LoginRequest, readLogin, readRefreshToken } from './login-fields.ts'
import { hashRefreshToken, newRefreshGrant, type RefreshGrant } from './refresh-token.ts'

export type { Device } from '../storage/devices.ts'

/** Whoever an access token speaks for. */
export interface SessionCaller extends Caller {
  kind: 'session'
  sessionId: string
  /** When the token stops working; milliseconds since the epoch. */
  expiresAt: number
}

/** What login and refresh give. Times in milliseconds since the epoch. */
export interface IssuedTokens {
  accessToken: string
  accessExpiresAt: number
  refreshToken: string
  refreshExpiresAt: number
}

export interface Sessions {
  /** Throws `validation_error`, `invalid_credentials`, `rate_limited`. A second login of a device replaces the first. */
  login(request: LoginRequest): Promise<IssuedTokens>
  /**
   * The token given stops working. Throws `validation_error` for a blank one, else `invalid_refresh_token`; one that was
   * used before means that a copy exists, so its device is signed out.
   */
  refresh(refreshToken: string): Promise<IssuedTokens>
  /** Signs the token's device out; says nothing about tokens it does not know. Throws `validation_error` for a blank one. */
  revoke(refreshToken: string): Promise<void>
  /** The caller an access token speaks for, unless it is invalid, expired, or of a session that has ended. */
  authenticate(accessToken: string): SessionCaller | undefined
  /** Last used first. */
  listDevices(userId: UserId): Device[]
  /** Throws `not_found`. */
  removeDevice(userId: UserId, deviceId: string): Promise<void>
}

export interface SessionsDeps {
  db: Pick<Database, 'read' | 'write'>
  clock: Clock
  newId: () => string
  log: Logger
  credentials: Credentials
  accessTokens: AccessTokens
  ended: Pick<EndedSessions, 'has' | 'end'>
}

export function createSessions(deps: SessionsDeps): Sessions {
  const { db, clock, ended, accessTokens } = deps
  const deviceSessions = createDeviceSessions(ended)

  async function login(request: LoginRequest): Promise<IssuedTokens> {
    const { username, password, device } = readLogin(request)
    const user = await deps.credentials.check({ username, password, address: request.address })
    const grant = newRefreshGrant(clock.now())
    const session = { sessionId: deps.newId(), user }
    await db.write((tx) => deviceSessions.begin(tx, { session, device, grant }))
    return issueTokens(accessTokens, session, grant)
  }

  async function refresh(rawToken: string): Promise<IssuedTokens> {
    const refreshHash = hashRefreshToken(readRefreshToken(rawToken))
    const grant = newRefreshGrant(clock.now())
    // The outcome is returned and not thrown, because what signing out wrote has to stay.
    const outcome = await db.write((tx) => deviceSessions.rotate(tx, refreshHash, grant))
    if (outcome.kind === 'rotated') return issueTokens(accessTokens, outcome.session, grant)
    if (outcome.kind === 'reused') logReuse(deps.log, outcome.device)
    throw new AppError('invalid_refresh_token', 'The refresh token is unknown, used or expired; sign in again')
  }

  async function revoke(rawToken: string): Promise<void> {
    const refreshHash = hashRefreshToken(readRefreshToken(rawToken))
    await db.write((tx) => {
      const device = deviceSessions.findByToken(tx, refreshHash)
      if (device !== undefined) deviceSessions.end(tx, device, 'revoked')
    })
  }

  function authenticate(accessToken: string): SessionCaller | undefined {
    const claims = accessTokens.verify(accessToken)
    if (claims === undefined || ended.has(claims.sessionId)) return undefined
    const { sessionId, userId, expiresAt } = claims
    return { kind: 'session', sessionId, userId, username: claims.username ?? userId, expiresAt }
  }

  return {
    login,
    refresh,
    revoke,
    authenticate,
    listDevices: (userId) => db.read((tx) => listDevices(tx, userId, clock.now())),
    removeDevice: (userId, deviceId) =>
      db.write((tx) => {
        const device = findDevice(tx, userId, deviceId)
        if (device === undefined) throw new AppError('not_found', 'There is no such device')
        deviceSessions.end(tx, device, 'revoked')
      }),
  }
}

/** Outside the transaction, because signing takes longer than writing. */
function issueTokens(accessTokens: AccessTokens, { sessionId, user }: Session, grant: RefreshGrant): IssuedTokens {
  const access = accessTokens.issue({ sessionId, userId: user.userId, username: user.username })
  return {
    accessToken: access.token,
    accessExpiresAt: access.expiresAt,
    refreshToken: grant.refreshToken,
    refreshExpiresAt: grant.expiresAt,
  }
}

function logReuse(log: Logger, { userId, deviceId }: Device): void {
  log.warn(
    { security: 'refresh_token_reused', user_id: userId, device_id: deviceId },
    'A spent refresh token was used again: a copy of it exists, so the device was signed out',
  )
}

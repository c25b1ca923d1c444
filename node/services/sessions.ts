import type { Clock } from '../base/clock.ts'
import { AppError } from '../base/errors.ts'
import type { UserId } from '../base/ids.ts'
import type { Logger } from '../base/log.ts'
import type { Database, WriteTx } from '../storage/database.ts'
import {
  deleteDevice,
  deleteExpiredDevices,
  type Device,
  findDevice,
  findDeviceByRefreshHash,
  findDeviceBySpentHash,
  insertDevice,
  listDevices,
  rotateRefreshToken,
} from '../storage/devices.ts'
import { findUser, type User } from '../storage/users.ts'
import type { AccessTokens } from './access-token.ts'
import type { Credentials } from './credentials.ts'
import type { EndedSessions, SessionEnded } from './ended-sessions.ts'
import type { Caller } from './guild-access.ts'
import { type LoginRequest, readLogin, readRefreshToken } from './login-fields.ts'
import { hashRefreshToken, newRefreshToken, REFRESH_TOKEN_LIFE_MS } from './refresh-token.ts'

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

type RefreshOutcome = { kind: 'rotated'; session: Session } | { kind: 'reused'; device: Device } | { kind: 'unusable' }

interface Session {
  sessionId: string
  user: Pick<User, 'userId' | 'username'>
}

export function createSessions(deps: SessionsDeps): Sessions {
  const { db, clock, accessTokens } = deps

  function endDevice(tx: WriteTx, device: Device, reason: SessionEnded['reason']): void {
    deleteDevice(tx, device)
    deps.ended.end(tx, { sessionId: device.sessionId, userId: device.userId, deviceId: device.deviceId, reason })
  }

  /** A new refresh token and its end; the access token is signed outside the transaction. */
  function newGrant() {
    const refreshToken = newRefreshToken()
    const now = clock.now()
    return { refreshToken, refreshHash: hashRefreshToken(refreshToken), now, expiresAt: now + REFRESH_TOKEN_LIFE_MS }
  }

  function issue({ sessionId, user }: Session, grant: { refreshToken: string; expiresAt: number }): IssuedTokens {
    const access = accessTokens.issue({ sessionId, userId: user.userId, username: user.username })
    return {
      accessToken: access.token,
      accessExpiresAt: access.expiresAt,
      refreshToken: grant.refreshToken,
      refreshExpiresAt: grant.expiresAt,
    }
  }

  async function login(request: LoginRequest): Promise<IssuedTokens> {
    const { username, password, device } = readLogin(request)
    const user = await deps.credentials.check({ username, password, address: request.address })
    const grant = newGrant()
    const sessionId = deps.newId()
    await db.write((tx) => {
      const previous = findDevice(tx, user.userId, device.deviceId)
      if (previous !== undefined) endDevice(tx, previous, 'replaced')
      deleteExpiredDevices(tx, user.userId, grant.now)
      const { refreshHash, now, expiresAt } = grant
      insertDevice(tx, {
        ...device,
        userId: user.userId,
        sessionId,
        refreshHash,
        createdAt: now,
        lastUsedAt: now,
        expiresAt,
      })
    })
    return issue({ sessionId, user }, grant)
  }

  function rotate(tx: WriteTx, hash: string, grant: ReturnType<typeof newGrant>): RefreshOutcome {
    const device = findDeviceByRefreshHash(tx, hash)
    if (device === undefined) return reuseOutcome(tx, hash)
    const user = findUser(tx, device.userId)
    if (user === undefined || device.expiresAt <= grant.now) return { kind: 'unusable' }
    rotateRefreshToken(tx, device, { refreshHash: grant.refreshHash, usedAt: grant.now, expiresAt: grant.expiresAt })
    // The session stays the same: requests under way and open sockets of the device go on.
    return { kind: 'rotated', session: { sessionId: device.sessionId, user } }
  }

  function reuseOutcome(tx: WriteTx, hash: string): RefreshOutcome {
    const device = findDeviceBySpentHash(tx, hash)
    if (device === undefined) return { kind: 'unusable' }
    endDevice(tx, device, 'reused')
    return { kind: 'reused', device }
  }

  async function refresh(rawToken: string): Promise<IssuedTokens> {
    const hash = hashRefreshToken(readRefreshToken(rawToken))
    const grant = newGrant()
    // The outcome is returned and not thrown, because what signing out wrote has to stay.
    const outcome = await db.write((tx) => rotate(tx, hash, grant))
    switch (outcome.kind) {
      case 'rotated':
        return issue(outcome.session, grant)
      case 'reused':
        deps.log.warn(
          { security: 'refresh_token_reused', user_id: outcome.device.userId, device_id: outcome.device.deviceId },
          'A spent refresh token was used again: a copy of it exists, so the device was signed out',
        )
        throw invalidRefreshToken()
      case 'unusable':
        throw invalidRefreshToken()
    }
  }

  return {
    login,
    refresh,
    async revoke(rawToken) {
      const hash = hashRefreshToken(readRefreshToken(rawToken))
      await db.write((tx) => {
        const device = findDeviceByRefreshHash(tx, hash) ?? findDeviceBySpentHash(tx, hash)
        if (device !== undefined) endDevice(tx, device, 'revoked')
      })
    },
    authenticate(accessToken) {
      const claims = accessTokens.verify(accessToken)
      if (claims === undefined || deps.ended.has(claims.sessionId)) return undefined
      const { sessionId, userId, expiresAt } = claims
      return { kind: 'session', sessionId, userId, username: claims.username ?? userId, expiresAt }
    },
    listDevices: (userId) => db.read((tx) => listDevices(tx, userId, clock.now())),
    removeDevice: (userId, deviceId) =>
      db.write((tx) => {
        const device = findDevice(tx, userId, deviceId)
        if (device === undefined) throw new AppError('not_found', 'There is no such device')
        endDevice(tx, device, 'revoked')
      }),
  }
}

const invalidRefreshToken = () =>
  new AppError('invalid_refresh_token', 'The refresh token is unknown, used or expired; sign in again')

import {
  deleteDevice,
  deleteExpiredDevices,
  type Device,
  findDevice,
  findDeviceByRefreshHash,
  findDeviceBySpentHash,
  insertDevice,
  rotateRefreshToken,
} from '../storage/devices.ts'
import type { WriteTx } from '../storage/database.ts'
import { findUser, type User } from '../storage/users.ts'
import type { EndedSessions, SessionEnded } from './ended-sessions.ts'
import type { RefreshGrant } from './refresh-token.ts'

/** Whom tokens are issued to. */
export interface Session {
  sessionId: string
  user: Pick<User, 'userId' | 'username'>
}

/** What became of a refresh token. `reused`: it was spent, so a copy of it exists and its device has been signed out. */
export type RotationOutcome =
  { kind: 'rotated'; session: Session } | { kind: 'reused'; device: Device } | { kind: 'unusable' }

/** The life of a device's session in the database; each function runs within a transaction of the caller. */
export interface DeviceSessions {
  /** Replaces what the device had before. */
  begin(tx: WriteTx, login: { session: Session; device: LoginDevice; grant: RefreshGrant }): void
  /** Spends the token with this hash for the grant. */
  rotate(tx: WriteTx, refreshHash: string, grant: RefreshGrant): RotationOutcome
  end(tx: WriteTx, device: Device, reason: SessionEnded['reason']): void
  /** The device of a token, spent or not. */
  findByToken(tx: WriteTx, refreshHash: string): Device | undefined
}

type LoginDevice = Pick<Device, 'deviceId' | 'deviceName' | 'userAgent' | 'ipAddress'>

export function createDeviceSessions(ended: Pick<EndedSessions, 'end'>): DeviceSessions {
  function end(tx: WriteTx, device: Device, reason: SessionEnded['reason']): void {
    deleteDevice(tx, device)
    ended.end(tx, { sessionId: device.sessionId, userId: device.userId, deviceId: device.deviceId, reason })
  }

  function reuse(tx: WriteTx, refreshHash: string): RotationOutcome {
    const device = findDeviceBySpentHash(tx, refreshHash)
    if (device === undefined) return { kind: 'unusable' }
    end(tx, device, 'reused')
    return { kind: 'reused', device }
  }

  return {
    end,
    begin(tx, { session, device, grant }) {
      const { userId } = session.user
      const { refreshHash, now, expiresAt } = grant
      const previous = findDevice(tx, userId, device.deviceId)
      if (previous !== undefined) end(tx, previous, 'replaced')
      deleteExpiredDevices(tx, userId, now)
      const { sessionId } = session
      insertDevice(tx, { ...device, userId, sessionId, refreshHash, createdAt: now, lastUsedAt: now, expiresAt })
    },
    rotate(tx, refreshHash, grant) {
      const device = findDeviceByRefreshHash(tx, refreshHash)
      if (device === undefined) return reuse(tx, refreshHash)
      const user = findUser(tx, device.userId)
      if (user === undefined || device.expiresAt <= grant.now) return { kind: 'unusable' }
      rotateRefreshToken(tx, device, grant)
      // The session stays the same: requests under way and open sockets of the device go on.
      return { kind: 'rotated', session: { sessionId: device.sessionId, user } }
    },
    findByToken: (tx, refreshHash) =>
      findDeviceByRefreshHash(tx, refreshHash) ?? findDeviceBySpentHash(tx, refreshHash),
  }
}

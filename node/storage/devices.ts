import type { UserId } from '../base/ids.ts'
import type { ReadTx, SqlValue, WriteTx } from './database.ts'

/** A signed-in device of a user. Its session lasts from login until logout; refreshing does not change it. */
export interface Device {
  userId: UserId
  deviceId: string
  sessionId: string
  /** SHA-256 of the one refresh token that works, hex. */
  refreshHash: string
  deviceName: string | undefined
  userAgent: string | undefined
  ipAddress: string | undefined
  /** Milliseconds since the Unix epoch, as the next two. */
  createdAt: number
  lastUsedAt: number
  expiresAt: number
}

interface DeviceRow {
  user_id: string
  device_id: string
  session_id: string
  refresh_hash: string
  device_name: string | null
  user_agent: string | null
  ip_address: string | null
  created_at: number
  last_used_at: number
  expires_at: number
}

const toDevice = (row: DeviceRow): Device => ({
  userId: row.user_id as UserId,
  deviceId: row.device_id,
  sessionId: row.session_id,
  refreshHash: row.refresh_hash,
  deviceName: row.device_name ?? undefined,
  userAgent: row.user_agent ?? undefined,
  ipAddress: row.ip_address ?? undefined,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
  expiresAt: row.expires_at,
})

function findBy(tx: ReadTx, condition: string, ...values: SqlValue[]): Device | undefined {
  const row = tx.get<DeviceRow>(`SELECT * FROM devices WHERE ${condition}`, ...values)
  return row && toDevice(row)
}

export const findDevice = (tx: ReadTx, userId: UserId, deviceId: string): Device | undefined =>
  findBy(tx, 'user_id = ? AND device_id = ?', userId, deviceId)

export const findDeviceByRefreshHash = (tx: ReadTx, refreshHash: string): Device | undefined =>
  findBy(tx, 'refresh_hash = ?', refreshHash)

/** The device a refresh token belonged to that was rotated away. */
export const findDeviceBySpentHash = (tx: ReadTx, refreshHash: string): Device | undefined =>
  findBy(
    tx,
    '(user_id, device_id) = (SELECT user_id, device_id FROM spent_refresh_tokens WHERE refresh_hash = ?)',
    refreshHash,
  )

/** Devices whose refresh token still works, last used first. */
export function listDevices(tx: ReadTx, userId: UserId, now: number): Device[] {
  return tx
    .all<DeviceRow>(
      'SELECT * FROM devices WHERE user_id = ? AND expires_at > ? ORDER BY last_used_at DESC, device_id',
      userId,
      now,
    )
    .map(toDevice)
}

export function insertDevice(tx: WriteTx, device: Device): void {
  tx.run(
    `INSERT INTO devices (user_id, device_id, session_id, refresh_hash, device_name, user_agent, ip_address,
                          created_at, last_used_at, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    device.userId,
    device.deviceId,
    device.sessionId,
    device.refreshHash,
    device.deviceName ?? null,
    device.userAgent ?? null,
    device.ipAddress ?? null,
    device.createdAt,
    device.lastUsedAt,
    device.expiresAt,
  )
}

/** Its spent refresh tokens go with it. */
export function deleteDevice(tx: WriteTx, device: Pick<Device, 'userId' | 'deviceId'>): void {
  tx.run('DELETE FROM devices WHERE user_id = ? AND device_id = ?', device.userId, device.deviceId)
}

export function deleteExpiredDevices(tx: WriteTx, userId: UserId, now: number): void {
  tx.run('DELETE FROM devices WHERE user_id = ? AND expires_at <= ?', userId, now)
}

/** How many spent tokens of a device are remembered; enough for 30 days of refreshing every three hours. */
const MAX_SPENT_PER_DEVICE = 256

/** The device's refresh token becomes a spent one and another takes its place. */
export function rotateRefreshToken(
  tx: WriteTx,
  device: Device,
  next: { refreshHash: string; now: number; expiresAt: number },
): void {
  tx.run(
    'INSERT INTO spent_refresh_tokens (refresh_hash, user_id, device_id, expires_at) VALUES (?, ?, ?, ?)',
    device.refreshHash,
    device.userId,
    device.deviceId,
    device.expiresAt,
  )
  tx.run(
    'UPDATE devices SET refresh_hash = ?, last_used_at = ?, expires_at = ? WHERE user_id = ? AND device_id = ?',
    next.refreshHash,
    next.now,
    next.expiresAt,
    device.userId,
    device.deviceId,
  )
  forgetSpentTokens(tx, device, next.now)
}

function forgetSpentTokens(tx: WriteTx, { userId, deviceId }: Device, now: number): void {
  tx.run(
    `DELETE FROM spent_refresh_tokens
     WHERE user_id = ? AND device_id = ?
       AND (expires_at <= ?
            OR refresh_hash NOT IN (SELECT refresh_hash FROM spent_refresh_tokens
                                    WHERE user_id = ? AND device_id = ?
                                    ORDER BY expires_at DESC LIMIT ${MAX_SPENT_PER_DEVICE}))`,
    userId,
    deviceId,
    now,
    userId,
    deviceId,
  )
}

/** `until`: when the last access token of the session has expired. */
export function insertEndedSession(tx: WriteTx, ended: { sessionId: string; until: number }): void {
  tx.run(
    'INSERT INTO ended_sessions (session_id, until) VALUES (?, ?) ON CONFLICT DO NOTHING',
    ended.sessionId,
    ended.until,
  )
}

export function listEndedSessions(tx: ReadTx, now: number): { sessionId: string; until: number }[] {
  return tx.all('SELECT session_id AS sessionId, until FROM ended_sessions WHERE until > ? ORDER BY until', now)
}

export function deleteEndedSessions(tx: WriteTx, now: number): void {
  tx.run('DELETE FROM ended_sessions WHERE until <= ?', now)
}

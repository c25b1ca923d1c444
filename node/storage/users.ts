import type { UserId } from '../base/ids.ts'
import type { ReadTx, WriteTx } from './database.ts'

/** An account whose home is this node. */
export interface User {
  userId: UserId
  username: string
  /** Milliseconds since the Unix epoch. */
  createdAt: number
  updatedAt: number
}

interface UserRow {
  user_id: string
  username: string
  created_at: number
  updated_at: number
}

const COLUMNS = 'user_id, username, created_at, updated_at'

const toUser = (row: UserRow): User => ({
  userId: row.user_id as UserId,
  username: row.username,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})

export function findUser(tx: ReadTx, userId: UserId): User | undefined {
  const row = tx.get<UserRow>(`SELECT ${COLUMNS} FROM users WHERE user_id = ?`, userId)
  return row && toUser(row)
}

/** The name is exact and case-sensitive. The hash leaves storage here and nowhere else. */
export function findCredentials(tx: ReadTx, username: string): { user: User; passwordHash: string } | undefined {
  const row = tx.get<UserRow & { password_hash: string }>(
    `SELECT ${COLUMNS}, password_hash FROM users WHERE username = ?`,
    username,
  )
  return row && { user: toUser(row), passwordHash: row.password_hash }
}

export const isUsernameTaken = (tx: ReadTx, username: string): boolean =>
  tx.get('SELECT 1 FROM users WHERE username = ?', username) !== undefined

export const hasUsers = (tx: ReadTx): boolean => tx.get('SELECT 1 FROM users LIMIT 1') !== undefined

/** Oldest first. */
export function listUsers(tx: ReadTx): User[] {
  return tx.all<UserRow>(`SELECT ${COLUMNS} FROM users ORDER BY created_at, username`).map(toUser)
}

export function insertUser(tx: WriteTx, user: User & { passwordHash: string }): void {
  tx.run(
    'INSERT INTO users (user_id, username, password_hash, created_at, updated_at) VALUES (?, ?, ?, ?, ?)',
    user.userId,
    user.username,
    user.passwordHash,
    user.createdAt,
    user.updatedAt,
  )
}

/** By the time they were granted, then by name (contract 2.6). */
export function listServerRoles(tx: ReadTx, userId: UserId): string[] {
  return tx
    .all<{ role: string }>('SELECT role FROM server_roles WHERE user_id = ? ORDER BY granted_at, role', userId)
    .map(({ role }) => role)
}

/** Granting a role twice keeps the first time. */
export function insertServerRole(tx: WriteTx, grant: { userId: UserId; role: string; grantedAt: number }): void {
  tx.run(
    'INSERT INTO server_roles (user_id, role, granted_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    grant.userId,
    grant.role,
    grant.grantedAt,
  )
}

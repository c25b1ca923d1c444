import { createHash, randomBytes } from 'node:crypto'

const LIFE_MS = 30 * 24 * 60 * 60 * 1000

/** A refresh token about to be handed out. The token itself goes to the client and is kept nowhere. */
export interface RefreshGrant {
  refreshToken: string
  /** What is stored and looked up. */
  refreshHash: string
  /** Milliseconds since the epoch, as the next. */
  now: number
  expiresAt: number
}

/** 256 bits, base64url: 43 characters. Opaque to clients, as the original's were. */
export function newRefreshGrant(now: number): RefreshGrant {
  const refreshToken = randomBytes(32).toString('base64url')
  return { refreshToken, refreshHash: hashRefreshToken(refreshToken), now, expiresAt: now + LIFE_MS }
}

/** A random token needs no salt and no slow hash. */
export const hashRefreshToken = (token: string): string => createHash('sha256').update(token).digest('hex')

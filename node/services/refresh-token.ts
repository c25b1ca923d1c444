import { createHash, randomBytes } from 'node:crypto'

/** 256 bits, base64url: 43 characters. Opaque to clients, as the original's were. */
export const newRefreshToken = (): string => randomBytes(32).toString('base64url')

/** What is stored and looked up. A random token needs no salt and no slow hash. */
export const hashRefreshToken = (token: string): string => createHash('sha256').update(token).digest('hex')

export const REFRESH_TOKEN_LIFE_MS = 30 * 24 * 60 * 60 * 1000

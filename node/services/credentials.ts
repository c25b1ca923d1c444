import type { Clock } from '../base/clock.ts'
import { AppError } from '../base/errors.ts'
import type { Database } from '../storage/database.ts'
import { findCredentials, type User } from '../storage/users.ts'
import type { Passwords } from './passwords.ts'
import { addressKey, createRateLimiter, requireAllowed } from './rate-limit.ts'

export interface Credentials {
  /**
   * The user with this name and password. An unknown name and a wrong password are one and the same
   * `invalid_credentials`; `rate_limited` after too many failures for the name or from the address.
   */
  check(attempt: { username: string; password: string; address: string }): Promise<User>
}

export interface CredentialsDeps {
  db: Pick<Database, 'read'>
  clock: Clock
  passwords: Pick<Passwords, 'inTurn'>
  /** Failures for one name, and from one address, within a window. */
  limits: { attemptsPerWindow: number; windowMs: number }
}

/** Longer names (64 scalar values of two units each) belong to nobody and share one counter, so that they fill no memory. */
const MAX_NAME_UNITS = 128
const TOO_MANY = 'Too many failed logins; wait a little'

export function createCredentials({ db, clock, passwords, limits }: CredentialsDeps): Credentials {
  const options = { clock, limit: limits.attemptsPerWindow, windowMs: limits.windowMs }
  const failuresByName = createRateLimiter(options)
  const failuresByAddress = createRateLimiter(options)

  return {
    async check({ username, password, address }) {
      const origin = addressKey(address)
      const name = username.length <= MAX_NAME_UNITS ? username : ''
      const requireTries = () => {
        requireAllowed(failuresByAddress.check(origin), TOO_MANY)
        requireAllowed(failuresByName.check(name), TOO_MANY)
      }
      requireTries()
      return passwords.inTurn(async (verify) => {
        // Asked again, because guesses sent all at once have failed one by one by now.
        requireTries()
        const found = db.read((tx) => findCredentials(tx, username))
        const isRight = await verify(found?.passwordHash, password)
        if (found !== undefined && isRight) return found.user
        failuresByAddress.take(origin)
        failuresByName.take(name)
        throw new AppError('invalid_credentials', 'Unknown user or wrong password')
      })
    },
  }
}

import { hash, verify } from '@node-rs/argon2'
import { AppError } from '../base/errors.ts'

/** Argon2id as the original sets it (contract 10): 19 MiB, two passes. The algorithm is the library's default. */
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 }

/** Hashes take 19 MiB and a thread each: two at a time leave threads for the rest of the node. */
const CONCURRENT = 2
/** At 10 ms a hash the last in line waits about a second. */
const MAX_WAITING = 256

export interface Passwords {
  /** A PHC string. Throws `rate_limited` when too many wait already. */
  hash(password: string): Promise<string>
  /**
   * Runs `work` when its turn has come, so that what it finds and notes around `verify` is in order with the others.
   * Throws `rate_limited` when too many wait already.
   */
  inTurn<T>(work: (verify: VerifyPassword) => Promise<T>): Promise<T>
}

/** Takes as long for an unknown user (no hash) as for a wrong password. */
export type VerifyPassword = (hash: string | undefined, password: string) => Promise<boolean>

export function createPasswords(): Passwords {
  const inTurn = createQueue()
  let decoy: Promise<string> | undefined

  async function verifyPassword(stored: string | undefined, password: string): Promise<boolean> {
    if (stored !== undefined) return verify(stored, password)
    decoy ??= hash('nobody has this password', ARGON2)
    await verify(await decoy, password)
    return false
  }

  return {
    hash: (password) => inTurn(() => hash(password, ARGON2)),
    inTurn: (work) => inTurn(() => work(verifyPassword)),
  }
}

function createQueue() {
  const waiting: (() => void)[] = []
  let running = 0

  return async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running < CONCURRENT) running += 1
    else await turn()
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }

  function turn(): Promise<void> {
    if (waiting.length >= MAX_WAITING) {
      throw new AppError('rate_limited', 'Too many people sign in just now; try again shortly', { retryAfterSecs: 2 })
    }
    return new Promise((resolve) => waiting.push(resolve))
  }
}

import type { Clock } from '../base/clock.ts'
import { AppError, type FieldError } from '../base/errors.ts'
import type { UserId } from '../base/ids.ts'
import { countScalars, MAX_NAME_SCALARS, trimWhiteSpace } from '../events/schema/text.ts'
import type { Database, WriteTx } from '../storage/database.ts'
import {
  findUser,
  hasUsers,
  insertServerRole,
  insertUser,
  isUsernameTaken,
  listServerRoles,
  listUsers,
  type User,
} from '../storage/users.ts'
import type { Passwords } from './passwords.ts'
import { addressKey, createRateLimiter, requireAllowed } from './rate-limit.ts'

export type { User } from '../storage/users.ts'

/** Who may register over the network. `invite`: whoever shows an invite to a guild of this node. */
export type RegistrationMode = 'open' | 'invite' | 'closed'

/** The label of contract 8.1 that may do anything on this node. */
export const SERVER_OWNER = 'owner'

const MIN_PASSWORD_BYTES = 8
const TOO_MANY = 'Too many registrations; wait a little'

export interface RegistrationRequest {
  username: string
  password: string
  /** An `openguild://join/…` link. */
  invite: string | undefined
  /** Undefined for somebody at this computer, whose tries are not counted. */
  address: string | undefined
}

export interface Accounts {
  /**
   * Somebody registers over the network.
   * Throws `validation_error`, `registration_closed`, what `checkInvite` throws, `username_taken`, `rate_limited`.
   */
  register(request: RegistrationRequest): Promise<User>
  /** The operator makes an account, whatever the registration mode. Throws `validation_error`, `username_taken`. */
  create(account: { username: string; password: string }): Promise<User>
  find(userId: UserId): User | undefined
  /** Oldest first. */
  list(): User[]
  /** Roles on this node, in the order they were granted. */
  serverRoles(userId: UserId): string[]
}

export interface AccountsDeps {
  db: Pick<Database, 'read' | 'write'>
  clock: Clock
  newId: () => string
  passwords: Pick<Passwords, 'hash'>
  registration: RegistrationMode
  /** Tries of one address within a window, whatever comes of them: invites are not to be guessed, nor names listed. */
  limits: { attemptsPerWindow: number; windowMs: number }
  /** Whether this `openguild://join/…` link is one that still lets somebody into a guild of this node. */
  checkInvite(link: string): boolean
}

export function createAccounts(deps: AccountsDeps): Accounts {
  const { db, clock, limits } = deps
  const triesByAddress = createRateLimiter({ clock, limit: limits.attemptsPerWindow, windowMs: limits.windowMs })

  async function insert(username: string, password: string): Promise<User> {
    // Asked before the costly hash; the transaction below decides.
    if (db.read((tx) => isUsernameTaken(tx, username))) throw usernameTaken()
    const passwordHash = await deps.passwords.hash(password)
    const now = clock.now()
    // A new id is a UUIDv4, which is what user ids are.
    const user: User = { userId: deps.newId() as UserId, username, createdAt: now, updatedAt: now }
    await db.write((tx) => insertAccount(tx, user, passwordHash))
    return user
  }

  return {
    async register({ username, password, invite, address }) {
      const account = readAccount(username, password)
      if (address !== undefined) requireAllowed(triesByAddress.take(addressKey(address)), TOO_MANY)
      requireAdmission(deps, invite)
      return insert(account.username, account.password)
    },
    async create({ username, password }) {
      const account = readAccount(username, password)
      return insert(account.username, account.password)
    },
    find: (userId) => db.read((tx) => findUser(tx, userId)),
    list: () => db.read((tx) => listUsers(tx)),
    serverRoles: (userId) => db.read((tx) => listServerRoles(tx, userId)),
  }
}

/** The first account of a node owns it, decided by the transaction that makes it. */
function insertAccount(tx: WriteTx, user: User, passwordHash: string): void {
  if (isUsernameTaken(tx, user.username)) throw usernameTaken()
  const isFirst = !hasUsers(tx)
  insertUser(tx, { ...user, passwordHash })
  if (isFirst) insertServerRole(tx, { userId: user.userId, role: SERVER_OWNER, grantedAt: user.createdAt })
}

const usernameTaken = () => new AppError('username_taken', 'This username is taken; choose another')

/** Trimmed as the original does, passwords too. Throws `validation_error` with all fields at fault, username first. */
function readAccount(rawUsername: string, rawPassword: string): { username: string; password: string } {
  const username = trimWhiteSpace(rawUsername)
  const password = trimWhiteSpace(rawPassword)
  const details = [...usernameProblems(username), ...passwordProblems(password)]
  if (details.length > 0) throw new AppError('validation_error', 'The account cannot be made like this', { details })
  return { username, password }
}

function usernameProblems(username: string): FieldError[] {
  if (username === '') return [{ field: 'username', message: 'must be provided' }]
  // It is the author's name inside signed events, whose names have this limit (design section 4).
  if (countScalars(username) > MAX_NAME_SCALARS || !username.isWellFormed()) {
    return [{ field: 'username', message: `must be at most ${MAX_NAME_SCALARS} characters long` }]
  }
  return []
}

function passwordProblems(password: string): FieldError[] {
  if (password === '') return [{ field: 'password', message: 'must be provided' }]
  if (Buffer.byteLength(password) < MIN_PASSWORD_BYTES) {
    return [{ field: 'password', message: `must be at least ${MIN_PASSWORD_BYTES} characters long` }]
  }
  return []
}

function requireAdmission(deps: Pick<AccountsDeps, 'registration' | 'checkInvite'>, invite: string | undefined): void {
  switch (deps.registration) {
    case 'open':
      return
    case 'closed':
      throw new AppError('registration_closed', 'This node takes no new accounts; ask its owner for one')
    case 'invite':
      if (invite !== undefined && deps.checkInvite(trimWhiteSpace(invite))) return
      throw new AppError('registration_closed', 'This node takes new accounts by invite only; add a valid invite link')
  }
}

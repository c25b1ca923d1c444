import { messageOf } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import type { Accounts, User } from './accounts.ts'
import type { Caller } from './guild-access.ts'
import type { ChannelMembership, GuildMembership, Memberships } from './memberships.ts'

/** What `/users/me` tells. */
export interface Profile {
  caller: Caller
  /** Undefined for a user who is not in our table: a token of another server that shares its key (contract 2.6). */
  user: User | undefined
  serverRoles: string[]
  guilds: GuildMembership[]
  channels: ChannelMembership[]
}

export interface Profiles {
  /** Never throws: what cannot be read is left out. */
  get(caller: Caller): Profile
}

export interface ProfilesDeps {
  accounts: Pick<Accounts, 'find' | 'serverRoles'>
  memberships: Memberships
  log: Logger
}

export function createProfiles({ accounts, memberships, log }: ProfilesDeps): Profiles {
  function attempt<T>(part: string, read: () => T, otherwise: T): T {
    try {
      return read()
    } catch (error) {
      log.error({ part, error: messageOf(error) }, 'A part of a profile could not be read')
      return otherwise
    }
  }

  return {
    get(caller) {
      const { userId } = caller
      const serverRoles = attempt('roles', () => accounts.serverRoles(userId), [])
      return {
        caller,
        user: attempt('user', () => accounts.find(userId), undefined),
        serverRoles,
        guilds: attempt('guilds', () => memberships.guilds(userId), []),
        channels: attempt('channels', () => memberships.channels(userId, serverRoles), []),
      }
    },
  }
}

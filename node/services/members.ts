import type { GuildId, ServerName, UserId } from '../base/ids.ts'
import type { GuildState, Member } from '../events/state/guild-state.ts'
import type { Caller, GuildAccess } from './guild-access.ts'
import type { Timeline } from './timeline/types.ts'

export interface Members {
  /** First joined first. Throws `not_found`. */
  list(userId: UserId, guildId: GuildId): Member[]
  /** Throws `not_found`, and `forbidden` for the owner, who cannot leave. */
  leave(caller: Caller, guildId: GuildId): Promise<void>
}

export interface MembersDeps {
  timeline: Pick<Timeline, 'send'>
  access: Pick<GuildAccess, 'getSeat'>
}

export function createMembers({ timeline, access }: MembersDeps): Members {
  return {
    list: (userId, guildId) => sortMembers(access.getSeat(userId, guildId).state),
    async leave(caller, guildId) {
      access.getSeat(caller.userId, guildId)
      await timeline.send({
        guildId,
        eventType: 'member.leave',
        roomId: guildId,
        sender: caller.userId,
        content: {},
      })
    },
  }
}

const sortMembers = (state: GuildState): Member[] =>
  [...state.members.values()].sort(
    (a, b) => a.joinedAt - b.joinedAt || compareText(a.userId, b.userId) || compareText(a.serverName, b.serverName),
  )

const compareText = (a: UserId | ServerName, b: UserId | ServerName): number => (a < b ? -1 : a > b ? 1 : 0)

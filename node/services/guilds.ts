import type { GuildId, UserId } from '../base/ids.ts'
import type { GuildState } from '../events/state/guild-state.ts'
import type { Caller, GuildAccess } from './guild-access.ts'
import type { RejectionMetrics } from './messaging-metrics.ts'
import { requireName } from './name.ts'
import type { Timeline } from './timeline/types.ts'

export interface Guilds {
  /** The creator is its owner. Throws `validation_error`. */
  create(caller: Caller, name: string): Promise<GuildState>
  /** The guilds the user is a member of, oldest first. */
  list(userId: UserId): GuildState[]
  /** Throws `not_found`. */
  get(userId: UserId, guildId: GuildId): GuildState
  /** Throws `validation_error`, `not_found`, `forbidden`. */
  rename(caller: Caller, guildId: GuildId, name: string): Promise<GuildState>
}

export interface GuildsDeps {
  timeline: Pick<Timeline, 'createGuild' | 'send'>
  access: Pick<GuildAccess, 'getSeat' | 'listSeats'>
  metrics: RejectionMetrics
}

export function createGuilds({ timeline, access, metrics }: GuildsDeps): Guilds {
  const nameOf = (raw: string) => requireName(raw, (problem) => metrics.rejected(`guild_name_${problem}`))

  return {
    async create(caller, rawName) {
      const name = nameOf(rawName)
      const { guildId } = await timeline.createGuild({ sender: caller.userId, username: caller.username, name })
      return access.getSeat(caller.userId, guildId).state
    },
    list: (userId) => access.listSeats(userId).map((seat) => seat.state),
    get: (userId, guildId) => access.getSeat(userId, guildId).state,
    async rename(caller, guildId, rawName) {
      const name = nameOf(rawName)
      access.getSeat(caller.userId, guildId)
      await timeline.send({
        guildId,
        eventType: 'guild.update',
        roomId: guildId,
        sender: caller.userId,
        content: { name },
      })
      return access.getSeat(caller.userId, guildId).state
    },
  }
}

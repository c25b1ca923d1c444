import type { GuildId, UserId } from '../base/ids.ts'
import type { GuildAccess } from '../services/guild-access.ts'
import type { Connection } from './connection.ts'

export interface NotificationSubscriber {
  readonly connection: Connection
  readonly userId: UserId
}

/** Who hears of what happens in a guild. Worked out once per guild, until its law or the set of sockets changes. */
export interface Audiences {
  add(subscriber: NotificationSubscriber): void
  /** Notification sockets of those who may view the guild's channels. */
  of(guildId: GuildId): readonly NotificationSubscriber[]
  forget(guildId: GuildId): void
}

export function createAudiences({ access }: { access: Pick<GuildAccess, 'findSeat' | 'canView'> }): Audiences {
  const subscribers = new Set<NotificationSubscriber>()
  const audiences = new Map<GuildId, NotificationSubscriber[]>()

  function mayHear(userId: UserId, guildId: GuildId): boolean {
    const seat = access.findSeat(userId, guildId)
    return seat !== undefined && access.canView(seat)
  }

  return {
    add(subscriber) {
      subscribers.add(subscriber)
      audiences.clear()
      subscriber.connection.onClose(() => {
        subscribers.delete(subscriber)
        audiences.clear()
      })
    },
    of(guildId) {
      if (subscribers.size === 0) return []
      const known = audiences.get(guildId)
      if (known !== undefined) return known
      const audience = [...subscribers].filter(({ userId }) => mayHear(userId, guildId))
      audiences.set(guildId, audience)
      return audience
    },
    forget: (guildId) => void audiences.delete(guildId),
  }
}

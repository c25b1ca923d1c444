import type { ChannelId, GuildId, UserId } from '../base/ids.ts'
import type { GuildAccess } from '../services/guild-access.ts'
import { CLOSE } from './close-codes.ts'
import type { Connection } from './connection.ts'

export interface ChannelSubscriber {
  readonly connection: Connection
  readonly userId: UserId
  readonly guildId: GuildId
  readonly channelId: ChannelId
  /** Only later events are sent: those up to here it has from its replay. Infinity while the replay still runs. */
  after: number
}

export interface NotificationSubscriber {
  readonly connection: Connection
  readonly userId: UserId
}

/** Who listens to what. A subscriber leaves when its connection closes. */
export interface Subscribers {
  addChannel(subscriber: ChannelSubscriber): void
  addNotifications(subscriber: NotificationSubscriber): void
  inChannel(channelId: ChannelId): Iterable<ChannelSubscriber> & { readonly size: number }
  /** Notification sockets of those who may view the guild's channels. */
  inGuild(guildId: GuildId): readonly NotificationSubscriber[]
  /** The law of the guild is another one: closes the sockets of those who may not listen any more. */
  recheck(guildId: GuildId): void
  /** Longest queue per channel with sockets. */
  queueDepths(): Map<ChannelId, number>
}

export interface SubscribersDeps {
  access: Pick<GuildAccess, 'findSeat' | 'findChannelSeat' | 'canView'>
}

export function createSubscribers({ access }: SubscribersDeps): Subscribers {
  const channels = new Map<ChannelId, Set<ChannelSubscriber>>()
  const notifications = new Set<NotificationSubscriber>()
  /** Worked out once per guild, until its law or the set of sockets changes. */
  const audiences = new Map<GuildId, NotificationSubscriber[]>()

  function removeChannel(subscriber: ChannelSubscriber): void {
    const others = channels.get(subscriber.channelId)
    others?.delete(subscriber)
    if (others?.size === 0) channels.delete(subscriber.channelId)
  }

  function audienceOf(guildId: GuildId): NotificationSubscriber[] {
    return [...notifications].filter(({ userId }) => {
      const seat = access.findSeat(userId, guildId)
      return seat !== undefined && access.canView(seat)
    })
  }

  function recheckOne({ connection, userId, guildId, channelId }: ChannelSubscriber): void {
    if (access.findChannelSeat(userId, channelId) !== undefined) return
    const seat = access.findSeat(userId, guildId)
    const isDeleted = seat !== undefined && !seat.state.channels.has(channelId)
    connection.close(isDeleted ? CLOSE.channelDeleted : CLOSE.accessLost)
  }

  return {
    addChannel(subscriber) {
      const others = channels.get(subscriber.channelId)
      if (others === undefined) channels.set(subscriber.channelId, new Set([subscriber]))
      else others.add(subscriber)
      subscriber.connection.onClose(() => removeChannel(subscriber))
    },
    addNotifications(subscriber) {
      notifications.add(subscriber)
      audiences.clear()
      subscriber.connection.onClose(() => {
        notifications.delete(subscriber)
        audiences.clear()
      })
    },
    inChannel: (channelId) => channels.get(channelId) ?? NOBODY,
    inGuild(guildId) {
      if (notifications.size === 0) return []
      const known = audiences.get(guildId)
      if (known !== undefined) return known
      const audience = audienceOf(guildId)
      audiences.set(guildId, audience)
      return audience
    },
    recheck(guildId) {
      audiences.delete(guildId)
      for (const subscribers of channels.values()) {
        for (const subscriber of subscribers) if (subscriber.guildId === guildId) recheckOne(subscriber)
      }
    },
    queueDepths: () =>
      new Map(
        [...channels].map(([channelId, subscribers]) => [
          channelId,
          Math.max(...[...subscribers].map(({ connection }) => connection.queued)),
        ]),
      ),
  }
}

const NOBODY: ReadonlySet<ChannelSubscriber> = new Set()

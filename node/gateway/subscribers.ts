import type { ChannelId, GuildId, UserId } from '../base/ids.ts'
import type { GuildAccess } from '../services/guild-access.ts'
import { type Audiences, createAudiences } from './audiences.ts'
import { CLOSE, type Closing } from './close-codes.ts'
import type { Connection } from './connection.ts'

export interface ChannelSubscriber {
  readonly connection: Connection
  readonly userId: UserId
  readonly guildId: GuildId
  readonly channelId: ChannelId
  /** Only later events are sent: those up to here it has from its replay. Infinity while the replay still runs. */
  after: number
}

/** Who listens to what. A subscriber leaves when its connection closes. */
export interface Subscribers {
  addChannel(subscriber: ChannelSubscriber): void
  inChannel(channelId: ChannelId): ReadonlySet<ChannelSubscriber>
  readonly audiences: Pick<Audiences, 'add' | 'of'>
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
  const audiences = createAudiences({ access })

  function remove(subscriber: ChannelSubscriber): void {
    const others = channels.get(subscriber.channelId)
    others?.delete(subscriber)
    if (others?.size === 0) channels.delete(subscriber.channelId)
  }

  function lossOf({ userId, guildId, channelId }: ChannelSubscriber): Closing | undefined {
    if (access.findChannelSeat(userId, channelId) !== undefined) return undefined
    const seat = access.findSeat(userId, guildId)
    const isDeleted = seat !== undefined && !seat.state.channels.has(channelId)
    return isDeleted ? CLOSE.channelDeleted : CLOSE.accessLost
  }

  return {
    addChannel(subscriber) {
      const others = channels.get(subscriber.channelId)
      if (others === undefined) channels.set(subscriber.channelId, new Set([subscriber]))
      else others.add(subscriber)
      subscriber.connection.onClose(() => remove(subscriber))
    },
    inChannel: (channelId) => channels.get(channelId) ?? NOBODY,
    audiences,
    recheck(guildId) {
      audiences.forget(guildId)
      for (const subscriber of channels.values().flatMap((all) => all)) {
        const loss = subscriber.guildId === guildId ? lossOf(subscriber) : undefined
        if (loss !== undefined) subscriber.connection.close(loss)
      }
    },
    queueDepths: () => new Map(channels.entries().map(([channelId, all]) => [channelId, longestQueue(all)])),
  }
}

const NOBODY: ReadonlySet<ChannelSubscriber> = new Set()

const longestQueue = (subscribers: ReadonlySet<ChannelSubscriber>): number =>
  Math.max(...[...subscribers].map(({ connection }) => connection.queued))

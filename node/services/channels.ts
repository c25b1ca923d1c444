import type { ChannelId, EventId, GuildId, UserId } from '../base/ids.ts'
import type { Channel, GuildState } from '../events/state/guild-state.ts'
import { type Caller, type GuildAccess, visibleChannels } from './guild-access.ts'
import type { RejectionMetrics } from './messaging-metrics.ts'
import { requireName } from './name.ts'
import type { ReadMarkers } from './read-markers.ts'
import type { Draft, Timeline } from './timeline/types.ts'

/** A channel and the guild it stands in. */
export interface GuildChannel {
  readonly guildId: GuildId
  readonly channel: Channel
}

export interface Channels {
  /** Throws `validation_error`, `not_found`, `forbidden`. */
  create(caller: Caller, guildId: GuildId, name: string): Promise<GuildChannel>
  /**
   * Channels the caller may view, oldest first; what comes after counts as unread. None in a guild the caller is not in, as
   * with the original (contract 2.8).
   */
  list(caller: Caller, guildId: GuildId): Promise<GuildChannel[]>
  /** Throws `not_found`. */
  get(userId: UserId, channelId: ChannelId): GuildChannel
  /** Throws `validation_error`, `not_found`, `forbidden`. */
  rename(caller: Caller, channelId: ChannelId, name: string): Promise<GuildChannel>
  /** Its messages stay in the log; no client sees them any more. Throws `not_found`, `forbidden`. */
  delete(caller: Caller, channelId: ChannelId): Promise<void>
}

export interface ChannelsDeps {
  timeline: Pick<Timeline, 'send'>
  access: Pick<GuildAccess, 'findSeat' | 'getSeat' | 'getChannelSeat'>
  readMarkers: Pick<ReadMarkers, 'startAtLatest'>
  metrics: RejectionMetrics
}

export function createChannels({ timeline, access, readMarkers, metrics }: ChannelsDeps): Channels {
  const nameOf = (raw: string) => requireName(raw, (problem) => metrics.rejected(`channel_name_${problem}`))

  function get(userId: UserId, channelId: ChannelId): GuildChannel {
    const { state, channel } = access.getChannelSeat(userId, channelId)
    return { guildId: state.guildId, channel }
  }

  const send = (caller: Caller, draft: Pick<Draft, 'guildId' | 'eventType' | 'content'>) =>
    timeline.send({ ...draft, roomId: draft.guildId, sender: caller.userId })

  return {
    get,
    async create(caller, guildId, rawName) {
      const name = nameOf(rawName)
      access.getSeat(caller.userId, guildId)
      const { eventId } = await send(caller, { guildId, eventType: 'channel.create', content: { name } })
      const channel = findChannelMadeBy(access.getSeat(caller.userId, guildId).state, eventId)
      if (channel === undefined) throw new Error(`The law allowed ${eventId}, but made no channel of it`)
      await readMarkers.startAtLatest(caller.userId, [channel.id])
      return { guildId, channel }
    },
    async list(caller, guildId) {
      const seat = access.findSeat(caller.userId, guildId)
      if (seat === undefined) return []
      const channels = visibleChannels(seat)
      await readMarkers.startAtLatest(
        caller.userId,
        channels.map((channel) => channel.id),
      )
      return channels.map((channel) => ({ guildId, channel }))
    },
    async rename(caller, channelId, rawName) {
      const name = nameOf(rawName)
      const { guildId } = get(caller.userId, channelId)
      await send(caller, { guildId, eventType: 'channel.update', content: { channel_id: channelId, name } })
      return get(caller.userId, channelId)
    },
    async delete(caller, channelId) {
      const { guildId } = get(caller.userId, channelId)
      await send(caller, { guildId, eventType: 'channel.delete', content: { channel_id: channelId } })
    },
  }
}

/** The channel an event created; undefined when the law refused it or the channel is gone again. */
export function findChannelMadeBy(state: GuildState, eventId: EventId): Channel | undefined {
  return state.channels.values().find((channel) => channel.createEvent === eventId)
}

import { AppError } from '../base/errors.ts'
import type { ChannelId, GuildId, ServerName, UserId } from '../base/ids.ts'
import { hasPermission } from '../events/permissions.ts'
import { MAX_NAME_SCALARS, trimWhiteSpace } from '../events/schema/text.ts'
import { type Channel, type GuildState, type Member, type MemberKey, memberKey } from '../events/state/guild-state.ts'
import { permissionsOf } from '../events/state/permissions-of.ts'
import type { Timeline } from './timeline/types.ts'

/** A signed-in user of this node. */
export interface Caller {
  readonly userId: UserId
  readonly username: string
}

/** The user as the author of events. A user name has no limit of its own (contract 2.3), a name in an event has one. */
export function toAuthor({ userId, username }: Caller): Caller {
  if (username.length <= MAX_NAME_SCALARS) return { userId, username }
  return { userId, username: trimWhiteSpace([...username].slice(0, MAX_NAME_SCALARS).join('')) }
}

/** A local user's place in a guild. */
export interface GuildSeat {
  readonly state: GuildState
  readonly key: MemberKey
  readonly member: Member
}

export interface ChannelSeat extends GuildSeat {
  readonly channel: Channel
}

/**
 * What a local user may see. A guild one is no member of, and a channel one may not view, look exactly like ones that do
 * not exist: `not_found`.
 */
export interface GuildAccess {
  findSeat(userId: UserId, guildId: GuildId): GuildSeat | undefined
  /** Throws `not_found`. */
  getSeat(userId: UserId, guildId: GuildId): GuildSeat
  findChannelSeat(userId: UserId, channelId: ChannelId): ChannelSeat | undefined
  /** Throws `not_found`. */
  getChannelSeat(userId: UserId, channelId: ChannelId): ChannelSeat
  /** Oldest guild first. */
  listSeats(userId: UserId): GuildSeat[]
  canView(seat: GuildSeat): boolean
}

export interface GuildAccessDeps {
  timeline: Pick<Timeline, 'stateOf' | 'guildIds' | 'guildOfChannel'>
  /** This node's own server name. */
  self: ServerName
}

export function createGuildAccess({ timeline, self }: GuildAccessDeps): GuildAccess {
  function findSeat(userId: UserId, guildId: GuildId): GuildSeat | undefined {
    const state = timeline.stateOf(guildId)
    if (state === undefined) return undefined
    const key = memberKey(userId, self)
    const member = state.members.get(key)
    return member && { state, key, member }
  }

  function findChannelSeat(userId: UserId, channelId: ChannelId): ChannelSeat | undefined {
    const guildId = timeline.guildOfChannel(channelId)
    const seat = guildId && findSeat(userId, guildId)
    const channel = seat?.state.channels.get(channelId)
    if (seat === undefined || channel === undefined) return undefined
    return canViewChannel(seat, channelId) ? { ...seat, channel } : undefined
  }

  return {
    findSeat,
    getSeat: (userId, guildId) => findSeat(userId, guildId) ?? refuse('There is no such guild, or you are not in it'),
    findChannelSeat,
    getChannelSeat: (userId, channelId) =>
      findChannelSeat(userId, channelId) ?? refuse('There is no such channel, or you may not view it'),
    listSeats: (userId) =>
      timeline
        .guildIds()
        .map((guildId) => findSeat(userId, guildId))
        .filter((seat) => seat !== undefined)
        .sort((a, b) => a.state.createdAt - b.state.createdAt || compareText(a.state.guildId, b.state.guildId)),
    canView: (seat) => hasPermission(permissionsOf(seat.state, seat.key), 'view_channel'),
  }
}

/** The guild's channels this member may view, oldest first. */
export function visibleChannels(seat: GuildSeat): Channel[] {
  return [...seat.state.channels.values()]
    .filter((channel) => canViewChannel(seat, channel.id))
    .sort((a, b) => a.createdAt - b.createdAt || compareText(a.id, b.id))
}

/** Throws `forbidden` with a sentence for people. Only for reads: what is written is judged by the law itself. */
export function requirePermission(seat: GuildSeat, ...anyOf: Parameters<typeof hasPermission>[1][]): void {
  const bits = permissionsOf(seat.state, seat.key)
  if (anyOf.some((name) => hasPermission(bits, name))) return
  throw new AppError('forbidden', `This needs the permission ${anyOf.join(' or ')} in the guild`)
}

const canViewChannel = (seat: GuildSeat, channelId: ChannelId): boolean =>
  hasPermission(permissionsOf(seat.state, seat.key, channelId), 'view_channel')

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function refuse(message: string): never {
  throw new AppError('not_found', message)
}

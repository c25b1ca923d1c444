import type { UserId } from '../base/ids.ts'
import { DEFAULT_ROLES } from '../events/permissions.ts'
import type { Channel, GuildState, Role } from '../events/state/guild-state.ts'
import { type GuildAccess, type GuildSeat, visibleChannels } from './guild-access.ts'

export interface GuildMembership {
  readonly guild: GuildState
  /** The member's highest role in the guild. */
  readonly role: string
  /** Milliseconds since the Unix epoch. */
  readonly joinedAt: number
}

export interface ChannelMembership {
  readonly guild: GuildState
  readonly channel: Channel
  /** Channels have no members of their own: the role in the guild. */
  readonly role: string
  /** The higher of guild role and best server role; a tie goes to the server (contract 8.3). */
  readonly effectiveRole: string
  readonly joinedAt: number
}

/** What `/users/me` lists beside the account itself. */
export interface Memberships {
  guilds(userId: UserId): GuildMembership[]
  /** `serverRoles` are labels of contract 8.1, in the order they were granted. */
  channels(userId: UserId, serverRoles: readonly string[]): ChannelMembership[]
}

type RankedRole = Pick<Role, 'roleId' | 'position'>

/** The lowest label: for members whose roles were all deleted. */
const NO_ROLE: RankedRole = { roleId: 'guest', position: 0 }

export function createMemberships({ access }: { access: Pick<GuildAccess, 'listSeats'> }): Memberships {
  return {
    guilds: (userId) =>
      access.listSeats(userId).map((seat) => ({
        guild: seat.state,
        role: topRole(seat).roleId,
        joinedAt: seat.member.joinedAt,
      })),
    channels: (userId, serverRoles) =>
      access
        .listSeats(userId)
        .flatMap((seat) => channelsOf(seat, serverRoles))
        .sort((a, b) => a.joinedAt - b.joinedAt),
  }
}

function channelsOf(seat: GuildSeat, serverRoles: readonly string[]): ChannelMembership[] {
  const role = topRole(seat)
  const effectiveRole = strongest(role, serverRoles)
  return visibleChannels(seat).map((channel) => ({
    guild: seat.state,
    channel,
    role: role.roleId,
    effectiveRole,
    joinedAt: Math.max(seat.member.joinedAt, channel.createdAt),
  }))
}

function topRole({ state, member }: GuildSeat): RankedRole {
  const roles = member.roles.map((roleId) => state.roles.get(roleId)).filter((role) => role !== undefined)
  const [top = NO_ROLE] = roles.sort((a, b) => b.position - a.position)
  return top
}

function strongest(guildRole: RankedRole, serverRoles: readonly string[]): string {
  return serverRoles.reduce<RankedRole>((best, label) => {
    const position = positionOfLabel(label)
    return position >= best.position ? { roleId: label, position } : best
  }, guildRole).roleId
}

/** Unknown labels rank below all others. */
const positionOfLabel = (label: string): number =>
  DEFAULT_ROLES.find((role) => role.role_id === label.trim().toLowerCase())?.position ?? -1

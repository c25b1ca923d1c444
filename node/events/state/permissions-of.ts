import type { ChannelId } from '../../base/ids.ts'
import { ALL_PERMISSIONS } from '../permissions.ts'
import type { GuildState, MemberKey } from './guild-state.ts'

/** Below everybody, also below members without a role. */
export const STRANGER_RANK = -1

/** The highest position among the member's roles, 0 without roles, -1 for who is no member. */
export function rankOf(state: GuildState, key: MemberKey): number {
  const member = state.members.get(key)
  if (!member) return STRANGER_RANK
  return member.roles.reduce((rank, roleId) => Math.max(rank, state.roles.get(roleId)?.position ?? 0), 0)
}

/** Permission bits of the member; 0 for who is no member, and in a channel that does not exist. */
export function permissionsOf(state: GuildState, key: MemberKey, channelId?: ChannelId): number {
  const member = state.members.get(key)
  if (!member) return 0
  if (channelId !== undefined && !state.channels.has(channelId)) return 0
  if (key === state.owner) return ALL_PERMISSIONS
  return member.roles.reduce((bits, roleId) => bits | (state.roles.get(roleId)?.permissions ?? 0), 0)
}

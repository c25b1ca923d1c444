import type { ChannelId, EventId, GuildId, InviteId, ServerName, UserId } from '../../base/ids.ts'
import type { MemberRef } from '../schema/content.ts'
import type { PersistentMap } from './persistent-map.ts'

declare const memberKeyBrand: unique symbol
/** `<user id>@<server name>`: the pair that is a user everywhere. Made by `memberKey` only. */
export type MemberKey = string & { readonly [memberKeyBrand]: true }

export const memberKey = (userId: UserId, serverName: ServerName): MemberKey => `${userId}@${serverName}` as MemberKey
export const memberKeyOf = (member: MemberRef): MemberKey => memberKey(member.user_id, member.server_name)

export interface Role {
  readonly roleId: string
  readonly name: string
  /** Rank: its holders act only on what is strictly below. */
  readonly position: number
  /** Permission bits (`permissions.ts`). */
  readonly permissions: number
}

export interface Member {
  readonly userId: UserId
  readonly serverName: ServerName
  readonly username: string
  /** Ids of existing roles, sorted, each once. */
  readonly roles: readonly string[]
  /** `origin_ts` of the joining event, ms. */
  readonly joinedAt: number
  readonly joinEvent: EventId
}

export interface Ban {
  readonly reason: string | undefined
  /** The ban does not hold for events with an `origin_ts` from here on; undefined: it holds for ever. */
  readonly expiresAt: number | undefined
  readonly bannedAt: number
  readonly bannedBy: MemberKey
  readonly banEvent: EventId
}

/** A standing `member.invite`: the named member may join without a link. */
export interface Invitation {
  readonly roles: readonly string[]
  readonly invitedBy: MemberKey
  readonly inviteEvent: EventId
}

export interface Channel {
  readonly id: ChannelId
  readonly name: string
  readonly createdAt: number
  readonly createdBy: MemberKey
  readonly createEvent: EventId
}

/** An `invite.create`: whoever holds the secret of `publicKey` may join. */
export interface Invite {
  readonly inviteId: InviteId
  /** base64url, 32 bytes. */
  readonly publicKey: string
  /** No join with an `origin_ts` from here on. */
  readonly expiresAt: number | undefined
  readonly maxUses: number | undefined
  readonly uses: number
  readonly roles: readonly string[]
  readonly createdBy: MemberKey
  readonly createdAt: number
  readonly createEvent: EventId
  readonly revoked: boolean
}

/** The key statement in force for a node, and the `node.keys` event that brought it. */
export interface NodeKeys {
  readonly sequence: number
  readonly keysEvent: EventId
}

/**
 * The law state of a guild after a set of law events. An immutable value: `apply` makes a new one that shares what did not
 * change, so holding on to old states is cheap. The maps have no defined order; sort what you show.
 */
export interface GuildState {
  readonly guildId: GuildId
  readonly name: string
  readonly createdAt: number
  readonly owner: MemberKey
  readonly roles: PersistentMap<string, Role>
  readonly members: PersistentMap<MemberKey, Member>
  readonly bans: PersistentMap<MemberKey, Ban>
  readonly invited: PersistentMap<MemberKey, Invitation>
  readonly channels: PersistentMap<ChannelId, Channel>
  readonly invites: PersistentMap<InviteId, Invite>
  readonly nodeKeys: PersistentMap<ServerName, NodeKeys>
}

/** Names of the nodes with at least one member. */
export function nodesOf(state: GuildState): Set<ServerName> {
  const nodes = new Set<ServerName>()
  for (const member of state.members.values()) nodes.add(member.serverName)
  return nodes
}

/** Whether a ban holds for what the member does at this `origin_ts`. */
export function isBanned(state: GuildState, key: MemberKey, originTs: number): boolean {
  const ban = state.bans.get(key)
  return ban !== undefined && (ban.expiresAt === undefined || originTs < ban.expiresAt)
}

/** The channel whose timeline is this room. */
export const findChannel = (state: GuildState, roomId: string): Channel | undefined =>
  state.channels.get(roomId as ChannelId)

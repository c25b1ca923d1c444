import { canonicalJson } from '../canonical.ts'
import { blake3 } from '../id.ts'
import type { Ban, Channel, GuildState, Invitation, Invite, Member, Role } from './guild-state.ts'
import { remembered } from './remembered.ts'

/**
 * Canonical JSON of the state: equal exactly when the states are equal, whatever order their events came in. Its spelling is
 * part of the protocol, because nodes compare the hash; so every name is written out here instead of taken from our types.
 */
export function stateJson(state: GuildState): string {
  return canonicalJson({
    guild_id: state.guildId,
    name: state.name,
    created_at: state.createdAt,
    owner: state.owner,
    roles: byKey(state.roles, presentRole),
    members: byKey(state.members, presentMember),
    bans: byKey(state.bans, presentBan),
    invited: byKey(state.invited, presentInvitation),
    channels: byKey(state.channels, presentChannel),
    invites: byKey(state.invites, presentInvite),
    node_keys: byKey(state.nodeKeys, (keys) => ({ sequence: keys.sequence, event: keys.keysEvent })),
  })
}

/** Hex BLAKE3 of `stateJson`. Nodes compare it to see that they agree. */
export const stateHash = remembered((state: GuildState) => Buffer.from(blake3(stateJson(state))).toString('hex'))

const byKey = <Value>(map: ReadonlyMap<string, Value>, present: (value: Value) => object): object =>
  Object.fromEntries([...map].map(([key, value]) => [key, present(value)]))

const presentRole = (role: Role) => ({ name: role.name, position: role.position, permissions: role.permissions })

const presentMember = (member: Member) => ({
  username: member.username,
  roles: member.roles,
  joined_at: member.joinedAt,
  event: member.joinEvent,
})

const presentBan = (ban: Ban) => ({
  reason: ban.reason,
  expires_at: ban.expiresAt,
  banned_at: ban.bannedAt,
  banned_by: ban.bannedBy,
  event: ban.banEvent,
})

const presentInvitation = (invitation: Invitation) => ({
  roles: invitation.roles,
  invited_by: invitation.invitedBy,
  event: invitation.inviteEvent,
})

const presentChannel = (channel: Channel) => ({
  name: channel.name,
  created_at: channel.createdAt,
  created_by: channel.createdBy,
  event: channel.createEvent,
})

const presentInvite = (invite: Invite) => ({
  public_key: invite.publicKey,
  expires_at: invite.expiresAt,
  max_uses: invite.maxUses,
  uses: invite.uses,
  roles: invite.roles,
  created_by: invite.createdBy,
  created_at: invite.createdAt,
  event: invite.createEvent,
  revoked: invite.revoked,
})

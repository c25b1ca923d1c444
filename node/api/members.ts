import { z } from 'zod'
import type { Member } from '../events/state/guild-state.ts'
import type { ChannelMembership, GuildMembership } from '../services/memberships.ts'
import { presentTime, timeSchema } from './times.ts'

export const memberSchema = z
  .object({
    user_id: z.uuid().describe('Unique on the member’s home node only'),
    server_name: z.string().describe('Peer id of the home node'),
    username: z.string(),
    roles: z.array(z.string()),
    joined_at: timeSchema('When the member joined'),
  })
  .meta({ id: 'Member' })

export const presentMember = (member: Member): z.output<typeof memberSchema> => ({
  user_id: member.userId,
  server_name: member.serverName,
  username: member.username,
  roles: [...member.roles],
  joined_at: presentTime(member.joinedAt),
})

export const guildMembershipSchema = z.object({
  guild_id: z.uuid(),
  name: z.string(),
  role: z.string(),
  joined_at: timeSchema('When the user joined the guild'),
})

export const presentGuildMembership = (membership: GuildMembership): z.output<typeof guildMembershipSchema> => ({
  guild_id: membership.guild.guildId,
  name: membership.guild.name,
  role: membership.role,
  joined_at: presentTime(membership.joinedAt),
})

export const channelMembershipSchema = z.object({
  channel_id: z.uuid(),
  guild_id: z.uuid(),
  name: z.string(),
  role: z.string(),
  effective_role: z.string().describe('The strongest of the roles in the channel, the guild and the node'),
  joined_at: timeSchema('When the user came to the channel'),
})

export const presentChannelMembership = (membership: ChannelMembership): z.output<typeof channelMembershipSchema> => ({
  channel_id: membership.channel.id,
  guild_id: membership.guild.guildId,
  name: membership.channel.name,
  role: membership.role,
  effective_role: membership.effectiveRole,
  joined_at: presentTime(membership.joinedAt),
})

import { z } from 'zod'
import type { User } from '../services/accounts.ts'
import type { ChannelMembership, GuildMembership } from '../services/memberships.ts'
import type { Profile } from '../services/profile.ts'
import { presentTime, timeSchema } from './times.ts'

export const registerSchema = z
  .object({
    username: z.string().describe('1 to 64 characters after trimming; exact and case-sensitive'),
    password: z.string().describe('At least 8 bytes after trimming'),
    invite: z.string().nullish().describe('`openguild://join/…`, where the node takes new accounts by invite'),
  })
  .meta({ id: 'Registration' })

export const registeredSchema = z.object({ user_id: z.uuid(), username: z.string() }).meta({ id: 'RegisteredUser' })

export const presentRegistered = (user: User): z.output<typeof registeredSchema> => ({
  user_id: user.userId,
  username: user.username,
})

const profileGuildSchema = z.object({
  guild_id: z.uuid(),
  name: z.string(),
  role: z.string().describe('Highest role in the guild'),
  joined_at: timeSchema('When the user joined'),
})

const profileChannelSchema = z.object({
  channel_id: z.uuid(),
  guild_id: z.uuid(),
  name: z.string(),
  role: z.string(),
  effective_role: z.string().describe('The highest of the roles in channel, guild and server'),
  joined_at: timeSchema('When the user joined'),
})

export const profileSchema = z
  .object({
    user_id: z.uuid(),
    username: z.string(),
    display_name: z.string(),
    server_name: z.string().describe('Peer id of the home node; with `user_id` it names the user everywhere'),
    created_at: timeSchema('When the account was made').optional(),
    updated_at: timeSchema('When it last changed').optional(),
    roles: z.array(z.string()).optional().describe('Roles on this node; absent when there are none, like the next two'),
    guilds: z.array(profileGuildSchema).optional(),
    channels: z.array(profileChannelSchema).optional(),
  })
  .meta({ id: 'Profile' })

export function presentProfile(profile: Profile, serverName: string): z.output<typeof profileSchema> {
  const { caller, user, serverRoles, guilds, channels } = profile
  // The original shows the id where it cannot find the user.
  const username = user?.username ?? caller.userId
  return {
    user_id: caller.userId,
    username,
    display_name: username,
    server_name: serverName,
    ...(user && { created_at: presentTime(user.createdAt), updated_at: presentTime(user.updatedAt) }),
    ...(serverRoles.length > 0 && { roles: serverRoles }),
    ...(guilds.length > 0 && { guilds: guilds.map(presentGuildMembership) }),
    ...(channels.length > 0 && { channels: channels.map(presentChannelMembership) }),
  }
}

const presentGuildMembership = ({ guild, role, joinedAt }: GuildMembership): z.output<typeof profileGuildSchema> => ({
  guild_id: guild.guildId,
  name: guild.name,
  role,
  joined_at: presentTime(joinedAt),
})

const presentChannelMembership = (membership: ChannelMembership): z.output<typeof profileChannelSchema> => ({
  channel_id: membership.channel.id,
  guild_id: membership.guild.guildId,
  name: membership.channel.name,
  role: membership.role,
  effective_role: membership.effectiveRole,
  joined_at: presentTime(membership.joinedAt),
})

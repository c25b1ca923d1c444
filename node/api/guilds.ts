import { z } from 'zod'
import type { GuildState } from '../events/state/guild-state.ts'
import { presentTime, timeSchema } from './times.ts'

export const namedSchema = z.object({ name: z.string().describe('1 to 64 characters after trimming') })

export const guildSchema = z
  .object({
    guild_id: z.uuid(),
    name: z.string(),
    created_at: timeSchema('When the guild was created'),
  })
  .meta({ id: 'Guild' })

export type GuildBody = z.output<typeof guildSchema>

export const presentGuild = (guild: GuildState): GuildBody => ({
  guild_id: guild.guildId,
  name: guild.name,
  created_at: presentTime(guild.createdAt),
})

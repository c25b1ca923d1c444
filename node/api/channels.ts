import { z } from 'zod'
import type { GuildId } from '../base/ids.ts'
import type { Channel } from '../events/state/guild-state.ts'
import type { ReadState } from '../services/read-markers.ts'
import { presentTime, timeSchema } from './times.ts'

export const channelSchema = z
  .object({
    channel_id: z.uuid(),
    guild_id: z.uuid(),
    name: z.string(),
    created_at: timeSchema('When the channel was created'),
  })
  .meta({ id: 'Channel' })

export type ChannelBody = z.output<typeof channelSchema>

export const presentChannel = ({ guildId, channel }: { guildId: GuildId; channel: Channel }): ChannelBody => ({
  channel_id: channel.id,
  guild_id: guildId,
  name: channel.name,
  created_at: presentTime(channel.createdAt),
})

export const markReadSchema = z.object({
  sequence: z.int().nullish().describe('Last message read; everything when absent'),
})

export const readStateSchema = z
  .object({
    channel_id: z.uuid(),
    last_read_sequence: z.int(),
    latest_sequence: z.int(),
    unread: z.int().describe('Messages after the last read one'),
  })
  .meta({ id: 'ReadState' })

export const presentReadState = (state: ReadState): z.output<typeof readStateSchema> => ({
  channel_id: state.channelId,
  last_read_sequence: state.lastRead,
  latest_sequence: state.latest,
  unread: state.unread,
})

import { z } from 'zod'
import { channelSchema, presentChannel } from '../../api/channels.ts'
import { namedSchema } from '../../api/guilds.ts'
import { channelIdParam, guildIdParam } from '../../api/params.ts'
import { toAuthor } from '../../services/guild-access.ts'
import type { Channels } from '../../services/channels.ts'
import { session } from '../guards.ts'
import { empty, json } from '../reply.ts'
import { route, type Route } from '../route.ts'

const common = { family: 'client', tag: 'Channels', auth: session } as const
const ofGuild = z.object({ guild_id: guildIdParam })
const ofChannel = z.object({ channel_id: channelIdParam })

export function channelRoutes({ channels }: { channels: Channels }): Route[] {
  return [...ofGuildRoutes(channels), ...ofChannelRoutes(channels)]
}

const ofGuildRoutes = (channels: Channels): Route[] => [
  route({
    ...common,
    method: 'GET',
    path: '/guilds/{guild_id}/channels',
    summary: 'Channels of a guild, oldest first',
    description: 'Empty for a guild you are not in. What comes after the first listing counts as unread.',
    params: ofGuild,
    response: { status: 200, schema: z.array(channelSchema) },
    errors: [],
    errorStyle: 'bare',
    handler: async ({ params, caller }) =>
      json(200, (await channels.list(toAuthor(caller), params.guild_id)).map(presentChannel)),
  }),
  route({
    ...common,
    method: 'POST',
    path: '/guilds/{guild_id}/channels',
    summary: 'Create a channel',
    params: ofGuild,
    body: namedSchema,
    response: { status: 200, schema: channelSchema },
    errors: ['validation_error', 'forbidden', 'not_found', 'storage_full'],
    errorStyle: 'bare',
    handler: async ({ params, body, caller }) =>
      json(200, presentChannel(await channels.create(toAuthor(caller), params.guild_id, body.name))),
  }),
]

const ofChannelRoutes = (channels: Channels): Route[] => [
  route({
    ...common,
    method: 'PATCH',
    path: '/channels/{channel_id}',
    summary: 'Rename a channel',
    params: ofChannel,
    body: namedSchema,
    response: { status: 200, schema: channelSchema },
    errors: ['validation_error', 'forbidden', 'not_found', 'storage_full'],
    errorStyle: 'detailed',
    handler: async ({ params, body, caller }) =>
      json(200, presentChannel(await channels.rename(toAuthor(caller), params.channel_id, body.name))),
  }),
  route({
    ...common,
    method: 'DELETE',
    path: '/channels/{channel_id}',
    summary: 'Delete a channel',
    description: 'Nobody sees its messages any more; they stay part of the signed log.',
    params: ofChannel,
    response: { status: 204 },
    errors: ['forbidden', 'not_found', 'storage_full'],
    errorStyle: 'detailed',
    async handler({ params, caller }) {
      await channels.delete(toAuthor(caller), params.channel_id)
      return empty(204)
    },
  }),
]

import { z } from 'zod'
import { guildSchema, namedSchema, presentGuild } from '../../api/guilds.ts'
import { guildIdParam } from '../../api/params.ts'
import { toAuthor } from '../../services/guild-access.ts'
import type { Guilds } from '../../services/guilds.ts'
import { session } from '../guards.ts'
import { json } from '../reply.ts'
import { route, type Route } from '../route.ts'

const common = { family: 'client', tag: 'Guilds', auth: session } as const
const ofGuild = z.object({ guild_id: guildIdParam })

export function guildRoutes({ guilds }: { guilds: Guilds }): Route[] {
  return [
    route({
      ...common,
      method: 'GET',
      path: '/guilds',
      summary: 'Your guilds, oldest first',
      response: { status: 200, schema: z.array(guildSchema) },
      errors: [],
      errorStyle: 'bare',
      handler: ({ caller }) => json(200, guilds.list(caller.userId).map(presentGuild)),
    }),
    route({
      ...common,
      method: 'POST',
      path: '/guilds',
      summary: 'Create a guild; you are its owner',
      body: namedSchema,
      response: { status: 200, schema: guildSchema },
      errors: ['validation_error', 'storage_full'],
      errorStyle: 'bare',
      handler: async ({ body, caller }) => json(200, presentGuild(await guilds.create(toAuthor(caller), body.name))),
    }),
    route({
      ...common,
      method: 'GET',
      path: '/guilds/{guild_id}',
      summary: 'One of your guilds',
      params: ofGuild,
      response: { status: 200, schema: guildSchema },
      errors: ['not_found'],
      errorStyle: 'detailed',
      handler: ({ params, caller }) => json(200, presentGuild(guilds.get(caller.userId, params.guild_id))),
    }),
    route({
      ...common,
      method: 'PATCH',
      path: '/guilds/{guild_id}',
      summary: 'Rename a guild',
      params: ofGuild,
      body: namedSchema,
      response: { status: 200, schema: guildSchema },
      errors: ['validation_error', 'forbidden', 'not_found', 'storage_full'],
      errorStyle: 'detailed',
      handler: async ({ params, body, caller }) =>
        json(200, presentGuild(await guilds.rename(toAuthor(caller), params.guild_id, body.name))),
    }),
  ]
}

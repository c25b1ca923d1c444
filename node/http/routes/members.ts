import { z } from 'zod'
import { memberSchema, presentMember } from '../../api/members.ts'
import { guildIdParam } from '../../api/params.ts'
import { toAuthor } from '../../services/guild-access.ts'
import type { Members } from '../../services/members.ts'
import { session } from '../guards.ts'
import { empty, json } from '../reply.ts'
import { route, type Route } from '../route.ts'

const common = { family: 'client', tag: 'Members', auth: session, errorStyle: 'detailed' } as const
const ofGuild = z.object({ guild_id: guildIdParam })

export function memberRoutes({ members }: { members: Members }): Route[] {
  return [
    route({
      ...common,
      method: 'GET',
      path: '/guilds/{guild_id}/members',
      summary: 'Members of a guild on all its nodes',
      params: ofGuild,
      response: { status: 200, schema: z.array(memberSchema) },
      errors: ['not_found'],
      handler: ({ params, caller }) => json(200, members.list(caller.userId, params.guild_id).map(presentMember)),
    }),
    route({
      ...common,
      method: 'POST',
      path: '/guilds/{guild_id}/leave',
      summary: 'Leave a guild',
      description: 'The owner cannot leave.',
      params: ofGuild,
      response: { status: 204 },
      errors: ['forbidden', 'not_found', 'storage_full'],
      async handler({ params, caller }) {
        await members.leave(toAuthor(caller), params.guild_id)
        return empty(204)
      },
    }),
  ]
}

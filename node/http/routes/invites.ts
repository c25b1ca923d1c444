import { z } from 'zod'
import { presentGuild, guildSchema } from '../../api/guilds.ts'
import {
  createdInviteSchema,
  createInviteSchema,
  inviteSchema,
  joinSchema,
  presentCreatedInvite,
  presentInvite,
} from '../../api/invites.ts'
import { guildIdParam, inviteIdParam } from '../../api/params.ts'
import { toAuthor } from '../../services/guild-access.ts'
import type { Invites } from '../../services/invites.ts'
import { session } from '../guards.ts'
import { empty, json } from '../reply.ts'
import { route, type Route } from '../route.ts'

const common = { family: 'client', tag: 'Invites', auth: session, errorStyle: 'detailed' } as const
const ofGuild = z.object({ guild_id: guildIdParam })
const ofInvite = z.object({ guild_id: guildIdParam, invite_id: inviteIdParam })

export function inviteRoutes({ invites }: { invites: Invites }): Route[] {
  return [createRoute(invites), listRoute(invites), revokeRoute(invites), joinRoute(invites)]
}

const createRoute = (invites: Invites): Route =>
  route({
    ...common,
    method: 'POST',
    path: '/guilds/{guild_id}/invites',
    summary: 'Make an invite link',
    description: 'The link holds a secret and is shown only in this answer.',
    params: ofGuild,
    body: createInviteSchema,
    response: { status: 200, schema: createdInviteSchema },
    errors: ['forbidden', 'not_found', 'storage_full'],
    async handler({ params, body, caller }) {
      const terms = {
        maxUses: body.max_uses ?? undefined,
        expiresInSecs: body.expires_in_secs ?? undefined,
        roles: body.roles ?? undefined,
      }
      return json(200, presentCreatedInvite(await invites.create(toAuthor(caller), params.guild_id, terms)))
    },
  })

const listRoute = (invites: Invites): Route =>
  route({
    ...common,
    method: 'GET',
    path: '/guilds/{guild_id}/invites',
    summary: 'Invites of a guild, newest first',
    params: ofGuild,
    response: { status: 200, schema: z.array(inviteSchema) },
    errors: ['forbidden', 'not_found'],
    handler: ({ params, caller }) => json(200, invites.list(caller.userId, params.guild_id).map(presentInvite)),
  })

const revokeRoute = (invites: Invites): Route =>
  route({
    ...common,
    method: 'DELETE',
    path: '/guilds/{guild_id}/invites/{invite_id}',
    summary: 'Revoke an invite',
    params: ofInvite,
    response: { status: 204 },
    errors: ['forbidden', 'not_found', 'storage_full'],
    async handler({ params, caller }) {
      await invites.revoke(toAuthor(caller), params.guild_id, params.invite_id)
      return empty(204)
    },
  })

const joinRoute = (invites: Invites): Route =>
  route({
    ...common,
    method: 'POST',
    path: '/guilds/join',
    summary: 'Join a guild by its invite link',
    description: 'Who is a member already gets the same answer.',
    body: joinSchema,
    response: { status: 200, schema: guildSchema },
    errors: [
      'invite_invalid',
      'invite_expired',
      'invite_used_up',
      'invite_revoked',
      'peer_unreachable',
      'clock_skew',
      'federation_disabled',
      'forbidden',
      'storage_full',
    ],
    handler: async ({ body, caller }) => json(200, presentGuild(await invites.join(toAuthor(caller), body.link))),
  })

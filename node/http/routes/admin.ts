import { z } from 'zod'
import {
  addPeerSchema,
  addUserSchema,
  adminInviteSchema,
  adminJoinSchema,
  keysSchema,
  peerIdParam,
  presentUser,
  userSchema,
} from '../../api/admin/operator.ts'
import { nodeStatusSchema, presentNodeStatus } from '../../api/admin/status.ts'
import { guildSchema, presentGuild } from '../../api/guilds.ts'
import { createdInviteSchema, presentCreatedInvite } from '../../api/invites.ts'
import { guildIdParam } from '../../api/params.ts'
import type { Accounts } from '../../services/accounts.ts'
import type { Invites } from '../../services/invites.ts'
import type { KeyStatement } from '../../events/key-statement.ts'
import type { Operator } from '../../services/operator.ts'
import type { Peers } from '../../services/peers.ts'
import type { NodeStatus } from '../../services/status.ts'
import { admin } from '../guards.ts'
import { empty, json } from '../reply.ts'
import { route, type Route } from '../route.ts'

export interface AdminDeps {
  status(): NodeStatus
  accounts: Pick<Accounts, 'create' | 'list' | 'serverRoles'>
  invites: Pick<Invites, 'create' | 'join'>
  operator: Operator
  peers: Pick<Peers, 'pin' | 'block' | 'unblock' | 'forget'>
  statement: KeyStatement
}

const common = { family: 'root', tag: 'Admin', auth: admin, errors: [], errorStyle: 'detailed' } as const

/** What the operator of a node may see and do; the dashboard and the `openguild` command speak only this. */
export function adminRoutes(deps: AdminDeps): Route[] {
  return [statusRoute(deps), ...userRoutes(deps), ...guildRoutes(deps), ...peerRoutes(deps), keysRoute(deps)]
}

const statusRoute = ({ status }: AdminDeps): Route =>
  route({
    ...common,
    method: 'GET',
    path: '/admin/v1/status',
    summary: 'Peers, guilds, heads, state hashes, what is missing',
    response: { status: 200, schema: nodeStatusSchema },
    handler: () => json(200, presentNodeStatus(status())),
  })

const userRoutes = ({ accounts }: AdminDeps): Route[] => [
  route({
    ...common,
    method: 'GET',
    path: '/admin/v1/users',
    summary: 'Accounts of this node',
    response: { status: 200, schema: z.array(userSchema) },
    handler: () =>
      json(
        200,
        accounts.list().map((user) => presentUser(user, accounts.serverRoles(user.userId))),
      ),
  }),
  route({
    ...common,
    method: 'POST',
    path: '/admin/v1/users',
    summary: 'Add an account, whatever the registration mode',
    body: addUserSchema,
    response: { status: 201, schema: userSchema },
    errors: ['validation_error', 'username_taken'],
    async handler({ body }) {
      const user = await accounts.create(body)
      return json(201, presentUser(user, accounts.serverRoles(user.userId)))
    },
  }),
]

const guildRoutes = ({ invites, operator }: AdminDeps): Route[] => [
  route({
    ...common,
    method: 'POST',
    path: '/admin/v1/guilds/{guild_id}/invites',
    summary: 'Make an invite as one of the accounts of this node',
    params: z.object({ guild_id: guildIdParam }),
    body: adminInviteSchema,
    response: { status: 200, schema: createdInviteSchema },
    errors: ['forbidden', 'not_found'],
    async handler({ caller, params, body }) {
      const terms = {
        maxUses: body.max_uses ?? undefined,
        expiresInSecs: body.expires_in_secs ?? undefined,
        roles: body.roles ?? undefined,
      }
      const created = await invites.create(operator.actAs(caller, body.as ?? undefined), params.guild_id, terms)
      return json(200, presentCreatedInvite(created))
    },
  }),
  route({
    ...common,
    method: 'POST',
    path: '/admin/v1/join',
    summary: 'Join a guild as one of the accounts of this node',
    body: adminJoinSchema,
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
      'not_found',
    ],
    handler: async ({ caller, body }) =>
      json(200, presentGuild(await invites.join(operator.actAs(caller, body.as ?? undefined), body.link))),
  }),
]

const onePeer = z.object({ peer_id: peerIdParam })

const peerRoutes = ({ peers }: AdminDeps): Route[] => [
  route({
    ...common,
    method: 'POST',
    path: '/admin/v1/peers',
    summary: 'Keep a connection to this node',
    body: addPeerSchema,
    response: { status: 204 },
    async handler({ body }) {
      await peers.pin(body.address.peerId, [body.address.address])
      return empty(204)
    },
  }),
  route({
    ...common,
    method: 'DELETE',
    path: '/admin/v1/peers/{peer_id}',
    summary: 'Forget a node that is not blocked',
    params: onePeer,
    response: { status: 204 },
    async handler({ params }) {
      await peers.forget(params.peer_id)
      return empty(204)
    },
  }),
  route({
    ...common,
    method: 'PUT',
    path: '/admin/v1/peers/{peer_id}/block',
    summary: 'Cut a node off, at once and for good',
    params: onePeer,
    response: { status: 204 },
    async handler({ params }) {
      await peers.block(params.peer_id)
      return empty(204)
    },
  }),
  route({
    ...common,
    method: 'DELETE',
    path: '/admin/v1/peers/{peer_id}/block',
    summary: 'Let a blocked node connect again',
    params: onePeer,
    response: { status: 204 },
    async handler({ params }) {
      await peers.unblock(params.peer_id)
      return empty(204)
    },
  }),
]

const keysRoute = ({ statement }: AdminDeps): Route =>
  route({
    ...common,
    method: 'GET',
    path: '/admin/v1/keys',
    summary: 'Peer id and signing keys of this node',
    response: { status: 200, schema: keysSchema },
    handler: () => json(200, { peer_id: statement.peer_id, statement }),
  })

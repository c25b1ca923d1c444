import {
  presentProfile,
  presentRegistered,
  profileSchema,
  registeredSchema,
  registerSchema,
} from '../../api/accounts.ts'
import type { Accounts } from '../../services/accounts.ts'
import type { Profiles } from '../../services/profile.ts'
import { knownPages, session } from '../guards.ts'
import { json } from '../reply.ts'
import { route, type Route } from '../route.ts'

export interface AccountRouteDeps {
  accounts: Pick<Accounts, 'register'>
  profiles: Profiles
  /** This node's name for itself in the API: its peer id. */
  serverName: string
}

export function accountRoutes({ accounts, profiles, serverName }: AccountRouteDeps): Route[] {
  return [
    route({
      method: 'POST',
      path: '/users/register',
      family: 'client',
      tag: 'Accounts',
      summary: 'Make an account',
      description: 'The first account of a node is its owner. Registering does not sign in.',
      auth: knownPages,
      body: registerSchema,
      response: { status: 201, schema: registeredSchema },
      errors: ['validation_error', 'username_taken', 'registration_closed', 'forbidden', 'rate_limited'],
      errorStyle: 'codes',
      metricLabel: 'users.register',
      async handler({ body: { username, password, invite }, request }) {
        const address = request.isLocal ? undefined : request.address
        const user = await accounts.register({ username, password, invite: invite ?? undefined, address })
        return json(201, presentRegistered(user))
      },
    }),
    route({
      method: 'GET',
      path: '/users/me',
      family: 'client',
      tag: 'Accounts',
      summary: 'The signed-in user, with guilds and channels',
      auth: session,
      response: { status: 200, schema: profileSchema },
      errors: [],
      errorStyle: 'bare',
      handler: ({ caller }) => json(200, presentProfile(profiles.get(caller), serverName)),
    }),
  ]
}

import { z } from 'zod'
import { handshakeVectorSchema, keyPackageSchema, presentHandshakeVector, presentKeyPackage } from '../../api/mls.ts'
import { AppError } from '../../base/errors.ts'
import type { Accounts } from '../../services/accounts.ts'
import { SERVER_OWNER } from '../../services/accounts.ts'
import type { MlsKeys } from '../../services/mls.ts'
import { anyone, session } from '../guards.ts'
import { json, type Reply } from '../reply.ts'
import { route, type Route } from '../route.ts'

export interface MlsRouteDeps {
  /** Undefined while `mls.enabled` is off. */
  mls: MlsKeys | undefined
  accounts: Pick<Accounts, 'serverRoles'>
}

const common = { family: 'root', tag: 'MLS', errorStyle: 'bare' } as const
const listing = {
  ...common,
  method: 'GET',
  path: '/mls/key-packages',
  summary: 'Key packages of the configured identities',
  response: { status: 200, schema: z.array(keyPackageSchema) },
} as const
const rotation = {
  ...common,
  method: 'POST',
  path: '/mls/key-packages/{identity}/rotate',
  summary: 'New keys for an identity; for owners of the node',
  params: z.object({ identity: z.string() }),
  response: { status: 200, schema: keyPackageSchema },
} as const
const vectors = {
  ...common,
  method: 'GET',
  path: '/mls/handshake-test-vectors',
  summary: 'Signatures to try a verifier on',
  response: { status: 200, schema: z.array(handshakeVectorSchema) },
} as const

export function mlsRoutes({ mls, accounts }: MlsRouteDeps): Route[] {
  return mls === undefined ? disabledRoutes() : enabledRoutes(mls, accounts)
}

/** Off is told to everybody, signed in or not (contract 7). */
function disabledRoutes(): Route[] {
  const off = { auth: anyone, errors: ['mls_disabled'], handler: refuse } as const
  return [route({ ...listing, ...off }), route({ ...rotation, ...off }), route({ ...vectors, ...off })]
}

function refuse(): Reply {
  throw new AppError('mls_disabled', 'mls.enabled is off on this node')
}

function enabledRoutes(mls: MlsKeys, accounts: Pick<Accounts, 'serverRoles'>): Route[] {
  return [
    route({
      ...listing,
      auth: session,
      errors: [],
      handler: () => json(200, mls.list().map(presentKeyPackage)),
    }),
    route({
      ...rotation,
      auth: session,
      errors: ['forbidden', 'not_found'],
      async handler({ params, caller }) {
        if (!accounts.serverRoles(caller.userId).includes(SERVER_OWNER)) {
          throw new AppError('forbidden', 'Only an owner of this node may rotate its keys')
        }
        return json(200, presentKeyPackage(await mls.rotate(params.identity)))
      },
    }),
    route({
      ...vectors,
      auth: session,
      errors: [],
      handler: () => json(200, mls.vectors().map(presentHandshakeVector)),
    }),
  ]
}

import { request as httpRequest, type IncomingMessage } from 'node:http'
import { z } from 'zod'
import { channelIdParam, integerQuery } from '../../node/api/params.ts'
import { AppError } from '../../node/base/errors.ts'
import type { UserId } from '../../node/base/ids.ts'
import { admin, anyone, session, type Authenticator } from '../../node/http/guards.ts'
import { json, rawJson, text } from '../../node/http/reply.ts'
import { route } from '../../node/http/route.ts'
import { startHttp, type TestServer } from './http.ts'

/** What routes of tests have in common. */
export const COMMON = { tag: 'Test', summary: 'For tests', response: { status: 200 }, errors: [] } as const
export const CHANNEL = '3b7f3e93-7c9c-47f5-91d3-cbf09dc5a8f6'

const getThing = route({
  ...COMMON,
  method: 'GET',
  path: '/things/{channel_id}',
  family: 'client',
  auth: anyone,
  errorStyle: 'bare',
  params: z.object({ channel_id: channelIdParam }),
  query: z.object({ limit: integerQuery('How many').optional() }),
  handler: ({ params, query }) => json(200, { id: params.channel_id, limit: query.limit ?? null }),
})

const nested = z.object({ inner_id: z.string() }).nullish()
const postThing = route({
  ...COMMON,
  method: 'POST',
  path: '/things',
  family: 'client',
  auth: session,
  errorStyle: 'bare',
  body: z.object({ name: z.string(), note: z.string().nullish(), nested }),
  handler: ({ body, caller }) => json(200, { ...body, by: caller.username }),
})

const ownThing = route({
  ...COMMON,
  method: 'POST',
  path: '/own',
  family: 'client',
  auth: session,
  errorStyle: 'detailed',
  body: z.object({ name: z.string() }),
  handler() {
    throw new AppError('conflict', 'That is there already')
  },
})

const unread = route({
  ...COMMON,
  method: 'GET',
  path: '/things/unread',
  family: 'client',
  auth: anyone,
  errorStyle: 'bare',
  handler: () => rawJson(200, '{"unread":1.0}'),
})

const broken = route({
  ...COMMON,
  method: 'GET',
  path: '/broken',
  family: 'root',
  auth: anyone,
  errorStyle: 'detailed',
  handler() {
    throw new Error('secret detail of the disk')
  },
})

const adminThing = route({
  ...COMMON,
  method: 'GET',
  path: '/admin/v1/thing',
  family: 'root',
  auth: admin,
  errorStyle: 'detailed',
  handler: () => text(200, 'for admins'),
})

/** Knows the session token `alice` and the admin token `admin`. */
export const authenticator: Authenticator = {
  session: (token) =>
    token === 'alice'
      ? { kind: 'session', userId: 'u' as UserId, username: 'alice', sessionId: 's', expiresAt: 0 }
      : undefined,
  admin: (token) => (token === 'admin' ? { kind: 'admin_token' } : undefined),
  adminOrigins: ['app://openguild'],
  clientOrigins: [],
  adminRemote: false,
}

const ROUTES = [getThing, postThing, ownThing, unread, broken, adminThing]
/** A server with one route of each kind. */
export const startRules = (options: Parameters<typeof startHttp>[1] = {}) =>
  startHttp(ROUTES, { authenticator, ...options })

/** Headers every response carries when nothing is configured. */
export const SECURITY = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  vary: 'origin, access-control-request-method, access-control-request-headers',
  'access-control-allow-origin': '*',
}

/** Like fetch, but `Host`, methods and connections are ours to choose. */
export function rawRequest(
  server: Pick<TestServer, 'port'>,
  path: string,
  { body, ...options }: { method?: string; headers?: Record<string, string>; body?: string } = {},
) {
  return new Promise<IncomingMessage & { text: string }>((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port: server.port, path, agent: false, ...options },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => resolve(Object.assign(response, { text: Buffer.concat(chunks).toString() })))
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

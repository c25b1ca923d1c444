import { z } from 'zod'
import {
  deviceIdParam,
  deviceSchema,
  loginSchema,
  presentDevice,
  presentTokens,
  refreshTokenSchema,
  tokensSchema,
} from '../../api/sessions.ts'
import type { LoginRequest } from '../../services/login-fields.ts'
import type { Sessions } from '../../services/sessions.ts'
import { anyone, knownPages, session } from '../guards.ts'
import { empty, json } from '../reply.ts'
import type { RequestFacts } from '../request-facts.ts'
import { route, type Route } from '../route.ts'

export interface SessionRouteDeps {
  sessions: Pick<Sessions, 'login' | 'refresh' | 'revoke' | 'listDevices' | 'removeDevice'>
}

const common = { family: 'client', tag: 'Sessions' } as const
const tokenCall = { ...common, method: 'POST', auth: anyone, errorStyle: 'codes' } as const

export const sessionRoutes = (deps: SessionRouteDeps): Route[] => [...tokenRoutes(deps), ...deviceRoutes(deps)]

function tokenRoutes({ sessions }: SessionRouteDeps): Route[] {
  return [
    route({
      ...tokenCall,
      auth: knownPages,
      path: '/sessions/login',
      summary: 'Sign in on a device',
      description: 'A second login of the same device ends its first session.',
      body: loginSchema,
      response: { status: 200, schema: tokensSchema },
      errors: ['validation_error', 'invalid_credentials', 'forbidden', 'rate_limited'],
      metricLabel: 'sessions.login',
      handler: async ({ body, request }) => json(200, presentTokens(await sessions.login(toLogin(body, request)))),
    }),
    route({
      ...tokenCall,
      path: '/sessions/refresh',
      summary: 'Exchange a refresh token for new tokens',
      description: 'A refresh token works once. Using it again signs its device out, because then a copy of it exists.',
      body: refreshTokenSchema,
      response: { status: 200, schema: tokensSchema },
      errors: ['validation_error', 'invalid_refresh_token'],
      metricLabel: 'sessions.refresh',
      handler: async ({ body }) => json(200, presentTokens(await sessions.refresh(body.refresh_token))),
    }),
    route({
      ...tokenCall,
      path: '/sessions/revoke',
      summary: 'Sign out',
      description: 'Also 204 for a token nobody knows. Access tokens of the session stop working at once.',
      body: refreshTokenSchema,
      response: { status: 204 },
      errors: ['validation_error'],
      metricLabel: 'sessions.revoke',
      async handler({ body }) {
        await sessions.revoke(body.refresh_token)
        return empty(204)
      },
    }),
  ]
}

function deviceRoutes({ sessions }: SessionRouteDeps): Route[] {
  return [
    route({
      ...common,
      method: 'GET',
      path: '/sessions/devices',
      summary: 'Devices the user is signed in on',
      auth: session,
      response: { status: 200, schema: z.array(deviceSchema) },
      errors: [],
      errorStyle: 'detailed',
      handler: ({ caller }) =>
        json(
          200,
          sessions.listDevices(caller.userId).map((device) => presentDevice(device, caller.sessionId)),
        ),
    }),
    route({
      ...common,
      method: 'DELETE',
      path: '/sessions/devices/{device_id}',
      summary: 'Sign a device out',
      auth: session,
      params: z.object({ device_id: deviceIdParam }),
      response: { status: 204 },
      errors: ['not_found'],
      errorStyle: 'detailed',
      async handler({ caller, params }) {
        await sessions.removeDevice(caller.userId, params.device_id)
        return empty(204)
      },
    }),
  ]
}

function toLogin(body: z.output<typeof loginSchema>, request: RequestFacts): LoginRequest {
  const { device } = body
  return {
    identifier: body.identifier,
    secret: body.secret,
    device: device
      ? {
          deviceId: device.device_id,
          deviceName: device.device_name ?? undefined,
          ipAddress: device.ip_address ?? undefined,
        }
      : undefined,
    userAgent: request.header('user-agent'),
    address: request.address,
    forwardedAddress: request.forwardedAddress,
  }
}

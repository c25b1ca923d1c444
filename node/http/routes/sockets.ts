import { z } from 'zod'
import { channelIdParam } from '../../api/params.ts'
import { anyone } from '../guards.ts'
import { text } from '../reply.ts'
import { route, type Route } from '../route.ts'

const common = {
  method: 'GET',
  family: 'client',
  tag: 'WebSockets',
  auth: anyone,
  response: { status: 101, description: 'Switches to a WebSocket; text frames from the server only' },
  errors: [],
  errorStyle: 'bare',
} as const

const TOKEN = 'Token in the `Authorization` header or, for browsers, in the query as `access_token`.'

/** What reaches these is no WebSocket handshake: the gateway takes those before any route (contract 3.1). */
const notAnUpgrade = () => text(400, 'Connection header did not include `upgrade` to `websocket`')

export function socketRoutes(): Route[] {
  return [
    route({
      ...common,
      path: '/channels/{channel_id}/ws',
      summary: 'Messages of a channel, live',
      description: `The newest 50 first, or what came after \`since\`. ${TOKEN}`,
      params: z.object({ channel_id: channelIdParam }),
      handler: notAnUpgrade,
    }),
    route({
      ...common,
      path: '/notifications/ws',
      summary: 'Messages and new channels of all your guilds, live',
      description: TOKEN,
      handler: notAnUpgrade,
    }),
  ]
}

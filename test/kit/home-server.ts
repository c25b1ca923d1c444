import { settingsSchema } from '../../node/config/schema.ts'
import { createGateway, type GatewayDeps } from '../../node/gateway/server.ts'
import { channelRoutes } from '../../node/http/routes/channels.ts'
import { guildRoutes } from '../../node/http/routes/guilds.ts'
import { inviteRoutes } from '../../node/http/routes/invites.ts'
import { memberRoutes } from '../../node/http/routes/members.ts'
import { messageRoutes } from '../../node/http/routes/messages.ts'
import { readStateRoutes } from '../../node/http/routes/read-state.ts'
import { socketRoutes } from '../../node/http/routes/sockets.ts'
import type { Caller } from '../../node/services/guild-access.ts'
import type { SessionCaller } from '../../node/services/sessions.ts'
import { type Home, type HomeOptions, openHome } from './home.ts'
import { startHttp } from './http.ts'
import { recordingLogger } from './log.ts'

type Limits = GatewayDeps['config']['limits']

export interface HomeServerOptions extends HomeOptions {
  limits?: Partial<Limits>
  corsOrigins?: string[]
}

export type HomeServer = Awaited<ReturnType<typeof startHome>>

/** The guild routes and the gateway of one node on a free port; sessions are names in a table. */
export async function startHome(options: HomeServerOptions = {}) {
  const home = await openHome(options)
  const settings = settingsSchema.parse({})
  const callers = new Map<string, SessionCaller>()
  const log = recordingLogger()
  const corsOrigins = options.corsOrigins ?? []
  const gateway = createGateway({
    feed: home.feed,
    timeline: home.timeline,
    access: home.access,
    findSession: (token) => callers.get(token),
    metrics: home.figures,
    rejections: home.metrics,
    clock: home.clock,
    log,
    config: { limits: { ...settings.limits, ...options.limits }, cors: { allowed_origins: corsOrigins } },
  })
  const http = await startHttp(routesOf(home), {
    log,
    onUpgrade: gateway.handleUpgrade,
    authenticator: {
      session: (token) => callers.get(token),
      admin: () => undefined,
      adminOrigins: [],
      clientOrigins: [],
      adminRemote: false,
    },
    config: { corsOrigins },
  })
  gateway.start()

  return {
    ...home,
    http,
    gateway,
    log,
    /** A token of this account; its session is named like it. */
    signIn({ userId, username }: Caller, expiresAt = Number.MAX_SAFE_INTEGER): string {
      const token = `token-${username}-${callers.size}`
      callers.set(token, { kind: 'session', userId, username, sessionId: token, expiresAt })
      return token
    },
    async [Symbol.asyncDispose]() {
      await gateway.stop()
      await http.stop(0)
      await home[Symbol.asyncDispose]()
    },
  }
}

const routesOf = (home: Home) => [
  ...guildRoutes(home),
  ...channelRoutes(home),
  ...messageRoutes(home),
  ...readStateRoutes(home),
  ...memberRoutes(home),
  ...inviteRoutes(home),
  ...socketRoutes(),
]

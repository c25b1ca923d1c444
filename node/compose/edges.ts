import type { Logger } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import { apiAddress } from '../config/resolve.ts'
import type { Config } from '../config/schema.ts'
import { createGateway, type Gateway } from '../gateway/server.ts'
import { createHttpFederation } from '../federation/http.ts'
import type { Authenticator } from '../http/guards.ts'
import type { Route } from '../http/route.ts'
import { accountRoutes } from '../http/routes/accounts.ts'
import { adminRoutes } from '../http/routes/admin.ts'
import { channelRoutes } from '../http/routes/channels.ts'
import { dashboardRoutes } from '../http/routes/dashboard.ts'
import { docsRoutes } from '../http/routes/docs.ts'
import { guildRoutes } from '../http/routes/guilds.ts'
import { inviteRoutes } from '../http/routes/invites.ts'
import { memberRoutes } from '../http/routes/members.ts'
import { messageRoutes } from '../http/routes/messages.ts'
import { mlsRoutes } from '../http/routes/mls.ts'
import { type ProbeDeps, probeRoutes } from '../http/routes/probes.ts'
import { readStateRoutes } from '../http/routes/read-state.ts'
import { sessionRoutes } from '../http/routes/sessions.ts'
import { socketRoutes } from '../http/routes/sockets.ts'
import type { Listener } from '../http/listen.ts'
import { federationRoutes } from '../http/routes/federation.ts'
import { createHttpServer } from '../http/server.ts'
import type { NodeStatus } from '../services/status.ts'
import type { Platform } from './platform.ts'
import type { Services } from './services.ts'

export interface EdgesDeps {
  config: Config
  services: Services
  platform: Platform
  metrics: Metrics
  log: Logger
  status(): NodeStatus
  probes: ProbeDeps
}

export interface Edges {
  http: Listener
  gateway: Gateway
}

/** The doors clients use: REST and WebSockets on one listener. */
export function createEdges(deps: EdgesDeps): Edges {
  const { config, services, platform, metrics, log } = deps
  const gateway = createGateway({
    feed: services.feed,
    timeline: services.timeline,
    access: services.access,
    findSession: services.sessions.authenticate,
    metrics,
    rejections: services.rejections,
    clock: platform.clock,
    log,
    config,
  })
  services.endedSessions.onEnded(({ sessionId }) => gateway.endSession(sessionId))
  const http = createHttpServer({
    log,
    metrics,
    newId: platform.newId,
    authenticator: authenticatorOf(deps),
    routes: routesOf(deps),
    onUpgrade: gateway.handleUpgrade,
    config: {
      ...apiAddress(config),
      allowedHosts: config.allowed_hosts,
      corsOrigins: config.cors.allowed_origins,
      trustProxy: config.trust_proxy,
      bodyMaxBytes: config.limits.body_max_bytes,
    },
  })
  return { http, gateway }
}

const authenticatorOf = ({ config, services }: EdgesDeps): Authenticator => ({
  session: services.sessions.authenticate,
  admin: services.adminAccess.authenticate,
  adminOrigins: [],
  clientOrigins: config.cors.allowed_origins,
  adminRemote: config.admin.allow_remote,
})

function routesOf(deps: EdgesDeps): Route[] {
  const { services, probes, status } = deps
  const routes = [
    ...probeRoutes(probes),
    ...accountRoutes({ ...services, serverName: services.self }),
    ...sessionRoutes(services),
    ...guildRoutes(services),
    ...channelRoutes(services),
    ...messageRoutes(services),
    ...readStateRoutes(services),
    ...memberRoutes(services),
    ...inviteRoutes(services),
    ...socketRoutes(),
    ...mlsRoutes(services),
    ...federationRoutes({ httpFederation: httpFederationOf(deps) }),
    ...adminRoutes({ ...services, status }),
  ]
  return [...routes, ...docsRoutes(routes, probes.version), ...dashboardRoutes()]
}

const httpFederationOf = ({ config, services, log }: EdgesDeps) =>
  createHttpFederation({
    self: services.self,
    timeline: services.timeline,
    adopt: services.timeline.adopt,
    statement: services.statement,
    trustedServers: config.federation.trusted_servers,
    log,
  })

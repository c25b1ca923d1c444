import express, { type NextFunction, type Request } from 'express'
import { createServer, type IncomingMessage } from 'node:http'
import type { Logger } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import { AppError } from '../base/errors.ts'
import { FAULT, replyToRefusal } from './errors.ts'
import type { EdgeResponse } from './exchange.ts'
import type { Authenticator } from './guards.ts'
import { createHttpMetrics } from './http-metrics.ts'
import { createListener, type Listener } from './listen.ts'
import type { TrustProxy } from './middleware/client-address.ts'
import { createEdge } from './middleware/edge.ts'
import { createHeaderPolicy } from './middleware/headers.ts'
import { createHostCheck } from './middleware/host-check.ts'
import { routerOf } from './mount.ts'
import { empty, text } from './reply.ts'
import type { Route } from './route.ts'
import { send } from './send.ts'
import { createServe } from './serve.ts'
import { createUpgradeEdge, type OnUpgrade } from './upgrade.ts'

export interface HttpServerDeps {
  log: Logger
  metrics: Metrics
  newId: () => string
  authenticator: Authenticator
  routes: readonly Route[]
  /** Takes WebSocket requests; without it they are answered like any other request. */
  onUpgrade?: OnUpgrade
  config: HttpServerConfig
}

export interface HttpServerConfig {
  /** IP address to listen on. */
  host: string
  /** 0 picks a free one. */
  port: number
  /** Host names this node is reached by, beside loopback and IP addresses. */
  allowedHosts: readonly string[]
  /** Empty or with `*`: all. */
  corsOrigins: readonly string[]
  trustProxy: TrustProxy
  bodyMaxBytes: number
}

export type HttpServer = Listener

/** The server of the API; `stop` leaves WebSockets to the gateway. */
export function createHttpServer(deps: HttpServerDeps): HttpServer {
  const { config, log, newId } = deps
  const shared = {
    headers: createHeaderPolicy({ allowedOrigins: config.corsOrigins, log }),
    isAllowedHost: createHostCheck({ bindHost: config.host, allowedHosts: config.allowedHosts }),
    newId,
  }

  const app = express()
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple')
  app.enable('case sensitive routing').enable('strict routing')
  app.use(createEdge({ ...shared, log, metrics: createHttpMetrics(deps.metrics) }))
  mountRoutes(app, deps)

  const server = createServer({ shouldUpgradeCallback: isWebSocket(deps.onUpgrade !== undefined) }, app)
  // Longer than the keep-alive of common proxies, so that theirs ends first.
  server.keepAliveTimeout = 75_000
  if (deps.onUpgrade) {
    server.on('upgrade', createUpgradeEdge({ ...shared, trustProxy: config.trustProxy }, deps.onUpgrade))
  }

  return createListener(server, config)
}

function mountRoutes(app: express.Express, deps: HttpServerDeps): void {
  const serve = createServe({
    log: deps.log,
    authenticator: deps.authenticator,
    trustProxy: deps.config.trustProxy,
    bodyMaxBytes: deps.config.bodyMaxBytes,
  })
  const client = deps.routes.filter((route) => route.family === 'client')
  const root = deps.routes.filter((route) => route.family === 'root')
  app.use('/client/v1', routerOf(client, '/client/v1', serve))
  app.use(routerOf([...client, ...root], '', serve))
  app.use((_request: Request, response: EdgeResponse) => send(response, empty(404)))
  app.use(createLastResort(deps.log))
}

/** For what express throws before a route runs. */
function createLastResort(log: Logger) {
  // oxlint-disable-next-line max-params -- express knows error handlers by their four parameters
  return (thrown: unknown, _request: Request, response: EdgeResponse, _next: NextFunction): void => {
    // The router's word for a path that is no valid percent-encoding.
    if (thrown instanceof URIError) return send(response, text(400, 'Invalid URL: not valid percent-encoding'))
    log.error({ error: thrown }, 'A request failed by a fault of this node')
    send(response, replyToRefusal(thrown instanceof AppError ? thrown : FAULT, 'bare'))
  }
}

/** Other protocols offered by `Upgrade` (curl's h2c) are ignored, as HTTP allows, and the request is served as usual. */
const isWebSocket =
  (isServed: boolean) =>
  (request: IncomingMessage): boolean =>
    isServed && request.headers.upgrade?.toLowerCase() === 'websocket'

import type { NextFunction, Request } from 'express'
import type { Logger } from '../../base/log.ts'
import { runWithRequestId } from '../../base/request-context.ts'
import type { EdgeResponse } from '../exchange.ts'
import type { HttpMetrics } from '../http-metrics.ts'
import { empty, text } from '../reply.ts'
import { send } from '../send.ts'
import { setHeaders, type HeaderPolicy } from './headers.ts'
import { requestIdOf } from './request-id.ts'

export interface EdgeDeps {
  log: Logger
  metrics: HttpMetrics
  headers: HeaderPolicy
  isAllowedHost(header: string | undefined): boolean
  newId(): string
}

/** First in line: id, log line and figures, headers, host check, preflight; then everything else within the id. */
export function createEdge(deps: EdgeDeps) {
  return function edge(request: Request, response: EdgeResponse, next: NextFunction): void {
    const requestId = requestIdOf(request.headers['x-request-id'], deps.newId)
    response.locals.exchange = { requestId }
    watch(request, response, deps)
    if (request.method === 'OPTIONS') setHeaders(response, deps.headers.preflight(request, requestId))
    else setHeaders(response, deps.headers.common(request, requestId))
    if (!deps.isAllowedHost(request.headers.host)) return send(response, misdirected)
    if (request.method === 'OPTIONS') return send(response, empty(200))
    runWithRequestId(requestId, next)
  }
}

export const misdirected = text(
  421,
  'This node does not answer for that host name; see the allowed hosts of its configuration',
)

/** nginx's word for a client that left before it was answered. */
const CLIENT_CLOSED = 499
/** Longest part of an unknown path that is logged. */
const MAX_LOGGED_PATH = 200

/** One log line and one observation per request, when it is over. */
function watch(request: Request, response: EdgeResponse, { log, metrics }: EdgeDeps): void {
  const startedAt = performance.now()
  const { exchange } = response.locals
  // Not `originalUrl`: a query may hold an access token.
  const { method, path } = request
  response.once('close', () => {
    const { requestId, route } = exchange
    const latencyMs = performance.now() - startedAt
    const status = response.headersSent ? response.statusCode : CLIENT_CLOSED
    if (method !== 'OPTIONS') {
      metrics.onFinished({
        route: route?.label,
        counterLabel: route?.counterLabel,
        status,
        seconds: latencyMs / 1000,
      })
    }
    log.debug(
      {
        request_id: requestId,
        method,
        route: route?.label ?? path.slice(0, MAX_LOGGED_PATH),
        status,
        latency_ms: Math.round(latencyMs * 100) / 100,
      },
      response.writableFinished ? 'request completed' : 'client went away before the answer was out',
    )
  })
}

import type { NextFunction, Request } from 'express'
import type { Logger } from '../../base/log.ts'
import { runWithRequestId } from '../../base/request-context.ts'
import type { EdgeResponse, Exchange } from '../exchange.ts'
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
    const exchange: Exchange = { requestId }
    response.locals.exchange = exchange
    watch(request, response, exchange, deps)
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

function watch(request: Request, response: EdgeResponse, exchange: Exchange, deps: EdgeDeps): void {
  const startedAt = performance.now()
  // Not `originalUrl`: a query may hold an access token.
  const { method, path } = request
  response.once('close', () => {
    const latencyMs = performance.now() - startedAt
    const status = response.statusCode
    const route = exchange.route?.label
    if (method !== 'OPTIONS') {
      deps.metrics.onFinished({ route, counterLabel: exchange.route?.counterLabel, status, seconds: latencyMs / 1000 })
    }
    const fields = {
      request_id: exchange.requestId,
      method,
      route: route ?? path,
      status,
      latency_ms: round(latencyMs),
    }
    if (response.writableFinished) deps.log.debug(fields, 'request completed')
    else deps.log.debug(fields, 'client went away before the answer was out')
  })
}

const round = (ms: number): number => Math.round(ms * 100) / 100

import type { Request } from 'express'
import { AppError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { ExtractError, FAULT, replyToExtractError, replyToRefusal } from './errors.ts'
import type { EdgeResponse } from './exchange.ts'
import type { Authenticator } from './guards.ts'
import { readJsonBody, RequestAborted } from './json-body.ts'
import { clientAddress, type TrustProxy } from './middleware/client-address.ts'
import type { Serve } from './mount.ts'
import type { Reply } from './reply.ts'
import type { RequestFacts } from './request-facts.ts'
import type { RawRequest, Route } from './route.ts'
import { send } from './send.ts'

export interface ServeDeps {
  log: Logger
  authenticator: Authenticator
  trustProxy: TrustProxy
  bodyMaxBytes: number
}

/** Runs a route and words whatever comes out of it. The only place where a fault of a request is logged. */
export function createServe(deps: ServeDeps): Serve {
  return async function serve(route, request, response) {
    try {
      send(response, await route.run(rawRequest(request, response, deps), deps.authenticator))
    } catch (thrown) {
      if (thrown instanceof RequestAborted) return
      send(response, replyToThrown(thrown, route, deps.log))
    }
  }
}

function replyToThrown(thrown: unknown, route: Route, log: Logger): Reply {
  if (thrown instanceof ExtractError) return replyToExtractError(thrown, route.errorStyle)
  if (!(thrown instanceof AppError)) {
    log.error({ route: route.path, error: thrown }, 'A request failed by a fault of this node')
    return replyToRefusal(FAULT, route.errorStyle)
  }
  return replyToRefusal(thrown, route.errorStyle)
}

function rawRequest(request: Request, response: EdgeResponse, deps: ServeDeps): RawRequest {
  return {
    params: request.params,
    query: () => request.query,
    readBody: () => readJsonBody(request, deps.bodyMaxBytes),
    facts: factsOf(request, response.locals.exchange.requestId, deps.trustProxy),
  }
}

function factsOf(request: Request, id: string, trust: TrustProxy): RequestFacts {
  const { address, forwarded, isLocal } = clientAddress(request, trust)
  return {
    id,
    address,
    forwardedAddress: forwarded,
    isLocal,
    header(name) {
      const value = request.headers[name]
      return Array.isArray(value) ? value.join(', ') : value
    },
  }
}

import { Router, type Request, type RequestHandler } from 'express'
import type { EdgeResponse } from './exchange.ts'
import { matchRoute } from './exchange.ts'
import { empty, withHeaders } from './reply.ts'
import type { Method, Route } from './route.ts'
import { send } from './send.ts'

/** Answers one request with one route. Never throws and never rejects. */
export type Serve = (route: Route, request: Request, response: EdgeResponse) => Promise<void>

/** A router for these routes; `prefix` is where it will be mounted, for the figures. */
export function routerOf(routes: readonly Route[], prefix: string, serve: Serve): Router {
  const router = Router({ caseSensitive: true, strict: true })
  for (const [path, group] of groupByPath(routes)) {
    const line = router.route(expressPath(path))
    for (const route of group) line[verbOf(route.method)](handlerOf(route, prefix, serve))
    line.all(refuseMethod(group))
  }
  return router
}

function handlerOf(route: Route, prefix: string, serve: Serve) {
  return (request: Request, response: EdgeResponse) => {
    matchRoute(response, route, prefix)
    return serve(route, request, response)
  }
}

function refuseMethod(group: readonly Route[]): RequestHandler {
  const methods = group.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
  const reply = withHeaders(empty(405), { allow: [...new Set(methods)].join(',') })
  return (_request, response) => send(response, reply)
}

/** Fixed segments before parameters, so that `/channels/unread` is never read as a channel called unread. */
function groupByPath(routes: readonly Route[]): [string, Route[]][] {
  const groups = Map.groupBy(routes, (route) => route.path)
  return [...groups].sort(([a], [b]) => (sortKey(a) < sortKey(b) ? -1 : 1))
}

const sortKey = (path: string): string => path.replaceAll(/\{[^}]*\}/g, '\u{10ffff}')

const expressPath = (path: string): string => path.replaceAll(/\{([a-z_]+)\}/g, ':$1')

const VERBS = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'delete' } as const
const verbOf = (method: Method) => VERBS[method]

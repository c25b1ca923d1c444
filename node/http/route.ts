import type { z } from 'zod'
import type { ErrorCode } from '../base/errors.ts'
import type { ErrorStyle } from './errors.ts'
import { parseBody, parseParams, parseQuery, type BodyText } from './extract.ts'
import type { Authenticator, Guard } from './guards.ts'
import type { Reply } from './reply.ts'
import type { RequestFacts } from './request-facts.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What a handler gets: everything parsed, and who asks. A part without a schema is `undefined`. */
export interface RouteInput<Params, Query, Body, Caller> {
  params: Params
  query: Query
  body: Body
  /** The JSON body as it was received, for routes that must keep number tokens (contract 5.3). */
  bodyText: string
  caller: Caller
  request: RequestFacts
}

/** What a route is, for the server's tables and for OpenAPI. */
export interface RouteFacts {
  method: Method
  /** Template with braces: `/guilds/{guild_id}/channels`. */
  path: string
  /** `client`: at the root and again below `/client/v1` (contract 1.1). `root`: at the root only. */
  family: 'client' | 'root'
  /** Heading in the API page. */
  tag: string
  /** One line. */
  summary: string
  description?: string
  /** The answer when all goes well. Without a schema the body is empty, or not JSON when `contentType` says so. */
  response: { status: number; schema?: z.ZodType; contentType?: string; description?: string }
  /** Refusals the handler itself can give; those of guard and extractors are known. */
  errors: readonly ErrorCode[]
  errorStyle: ErrorStyle
  /** Label in `openguild_http_requests_total` where it differs from the path (contract 11.1). */
  metricLabel?: string
}

export interface RouteSpec<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Caller,
> extends RouteFacts {
  auth: Guard<Caller>
  /** One member per `{name}` of the path. */
  params?: Params
  query?: Query
  body?: Body
  handler(input: RouteInput<z.output<Params>, z.output<Query>, z.output<Body>, Caller>): Reply | Promise<Reply>
}

/** A request as the server hands it to a route. */
export interface RawRequest {
  params: Readonly<Record<string, unknown>>
  query: () => Readonly<Record<string, unknown>>
  /** Reads the whole body. Throws `ExtractError` when it is no JSON or too long. */
  readBody: () => Promise<BodyText>
  facts: RequestFacts
}

export interface Route extends RouteFacts {
  auth: Guard<unknown>['kind']
  params?: z.ZodType
  query?: z.ZodType
  body?: z.ZodType
  /** Extract, then authenticate, then handle. Throws `ExtractError` and `AppError`. */
  run(request: RawRequest, authenticator: Authenticator): Promise<Reply>
}

/**
 * Declares an endpoint. Path, query and body are decoded before the caller is looked at (contract 1.5), so a broken
 * body is answered the same with and without a token.
 */
export function route<
  Caller,
  Params extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
>(spec: RouteSpec<Params, Query, Body, Caller>): Route {
  const { auth, handler, ...facts } = spec
  const parseJson = spec.body === undefined ? undefined : parseBody(spec.body)

  async function run(request: RawRequest, authenticator: Authenticator): Promise<Reply> {
    const params = spec.params && parseParams(spec.params, request.params)
    const query = spec.query && parseQuery(spec.query, request.query())
    const bodyText = parseJson === undefined ? undefined : await request.readBody()
    const body = bodyText && parseJson?.(bodyText)
    const caller = auth.identify(authenticator, request.facts)
    // The parts without a schema have the type of `undefined`, which is what they are.
    const input = { params, query, body, bodyText: bodyText?.text ?? '', caller, request: request.facts }
    return handler(input as RouteInput<z.output<Params>, z.output<Query>, z.output<Body>, Caller>)
  }

  return { ...facts, auth: auth.kind, run }
}

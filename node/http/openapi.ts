import { z } from 'zod'
import { codeErrorSchema, errorSchema } from '../api/errors.ts'
import type { ErrorCode } from '../base/errors.ts'
import { STATUS_OF } from './errors.ts'
import { createSchemaShelf, type JsonSchema } from './json-schema.ts'
import type { Route } from './route.ts'

interface MediaTypes {
  [contentType: string]: { schema: JsonSchema }
}

export interface OpenApiParameter {
  name: string
  in: 'path' | 'query'
  required: boolean
  description?: string
  schema: JsonSchema
}

export interface OpenApiResponse {
  description: string
  content?: MediaTypes
}

export interface OpenApiOperation {
  operationId: string
  tags: string[]
  summary: string
  description?: string
  security: Record<string, string[]>[]
  parameters?: OpenApiParameter[]
  requestBody?: { required: true; content: MediaTypes }
  responses: Record<string, OpenApiResponse>
}

type PathItem = { servers?: { url: string; description: string }[] } & Partial<
  Record<'get' | 'post' | 'put' | 'patch' | 'delete', OpenApiOperation>
>

export interface OpenApiDocument {
  openapi: '3.1.0'
  info: { title: string; version: string; description: string; license: { name: string; identifier: string } }
  servers: { url: string }[]
  /** In the order in which their first routes are declared. */
  tags: { name: string }[]
  paths: Record<string, PathItem>
  components: { schemas: Record<string, JsonSchema>; securitySchemes: Record<string, JsonSchema> }
}

const CLIENT_SERVERS = [
  { url: '/', description: 'At the root' },
  { url: '/client/v1', description: 'The same below this prefix' },
]

/** The document for these routes. Paths of the client API are listed once, with both places they are served at. */
export function openApiOf(routes: readonly Route[], version: string): OpenApiDocument {
  const shelf = createSchemaShelf()
  const paths: Record<string, PathItem> = {}
  for (const route of routes.toSorted(byPath)) {
    const item = (paths[route.path] ??= route.family === 'client' ? { servers: CLIENT_SERVERS } : {})
    item[VERBS[route.method]] = operationOf(route, shelf)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'OpenGuild node',
      version,
      description: 'The API of one node: guilds, channels and messages for clients, and what keeps the node running.',
      license: { name: 'AGPL-3.0-or-later', identifier: 'AGPL-3.0-or-later' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: { schemas: shelf.shared, securitySchemes: SECURITY_SCHEMES },
  }
}

const SECURITY_SCHEMES: Record<string, JsonSchema> = {
  session: { type: 'http', scheme: 'bearer', description: 'Access token of `POST /sessions/login`' },
  admin: { type: 'http', scheme: 'bearer', description: 'Admin token of the node, or access token of a server owner' },
}

const VERBS = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'delete' } as const
type Shelf = ReturnType<typeof createSchemaShelf>

function operationOf(route: Route, shelf: Shelf): OpenApiOperation {
  const parameters = [...parametersOf(route.params, 'path', shelf), ...parametersOf(route.query, 'query', shelf)]
  return {
    operationId: operationId(route),
    tags: [route.tag],
    summary: route.summary,
    ...(route.description !== undefined && { description: route.description }),
    security: route.auth === 'none' ? [] : [{ [route.auth]: [] }],
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && { requestBody: { required: true, content: jsonOf(shelf.toJsonSchema(route.body, 'input')) } }),
    responses: { ...successOf(route, shelf), ...refusalsOf(route, shelf) },
  }
}

/** `get_guilds_guild_id_channels` */
const operationId = ({ method, path }: Route): string =>
  `${method.toLowerCase()}${path.replaceAll(/[^a-z0-9]+/gi, '_').replace(/_$/, '')}`

function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query', shelf: Shelf): OpenApiParameter[] {
  if (!(schema instanceof z.ZodObject)) return []
  return Object.entries<z.ZodType>(schema.shape).map(([name, field]) => {
    const { description, ...own } = shelf.toJsonSchema(field, 'input')
    return {
      name,
      in: place,
      required: !field.safeParse(undefined).success,
      ...(typeof description === 'string' && { description }),
      schema: own,
    }
  })
}

function successOf({ response }: Route, shelf: Shelf): Record<string, OpenApiResponse> {
  const { status, schema, contentType, description = status === 204 ? 'Done' : 'Success' } = response
  const content = schema
    ? jsonOf(shelf.toJsonSchema(schema, 'output'))
    : contentType && { [contentType]: { schema: { type: 'string' } } }
  return { [status]: { description, ...(content && { content }) } }
}

function refusalsOf(route: Route, shelf: Shelf): Record<string, OpenApiResponse> {
  const byStatus = Map.groupBy(refusalCodes(route), (code) => STATUS_OF[code])
  const refusals: Record<string, OpenApiResponse> = {}
  for (const [status, codes] of byStatus) {
    refusals[status] = { description: codes.join(', '), ...contentOfRefusal(route, shelf) }
  }
  for (const [status, description] of extractRefusals(route)) {
    const before = refusals[status]
    const plain = route.errorStyle === 'detailed' ? contentOfRefusal(route, shelf).content : PLAIN_TEXT
    refusals[status] = {
      description: before ? `${before.description}; ${description}` : description,
      content: { ...before?.content, ...plain },
    }
  }
  return refusals
}

const PLAIN_TEXT: MediaTypes = { 'text/plain': { schema: { type: 'string' } } }

const AUTH_CODES: Record<Route['auth'], ErrorCode[]> = {
  none: [],
  session: ['unauthorized'],
  admin: ['unauthorized', 'forbidden'],
}

const refusalCodes = (route: Route): ErrorCode[] => [
  ...new Set([...route.errors, ...AUTH_CODES[route.auth], 'server_error' as const]),
]

function contentOfRefusal({ errorStyle }: Route, shelf: Shelf): { content?: MediaTypes } {
  switch (errorStyle) {
    case 'bare':
      return {}
    case 'codes':
      return { content: jsonOf(shelf.toJsonSchema(codeErrorSchema, 'output')) }
    case 'detailed':
      return { content: jsonOf(shelf.toJsonSchema(errorSchema, 'output')) }
  }
}

/** What is refused before the route runs (contract 1.5). */
function extractRefusals(route: Route): [status: number, description: string][] {
  const refusals: [number, string][] = []
  if (route.params || route.query || route.body) refusals.push([400, 'path, query or body cannot be read'])
  if (route.body === undefined) return refusals
  return [...refusals, [413, 'body too long'], [415, 'body is not declared as JSON'], [422, 'body of the wrong shape']]
}

const jsonOf = (schema: JsonSchema): MediaTypes => ({ 'application/json': { schema } })

const byPath = (a: Route, b: Route): number => (a.path === b.path ? 0 : a.path < b.path ? -1 : 1)

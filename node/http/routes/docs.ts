import { createHash } from 'node:crypto'
import { z } from 'zod'
import { renderApiPage } from '../docs/page.ts'
import { STYLE } from '../docs/style.ts'
import { anyone } from '../guards.ts'
import { openApiOf } from '../openapi.ts'
import { rawJson } from '../reply.ts'
import { route, type Route } from '../route.ts'

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')
const POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`

const common = {
  method: 'GET',
  family: 'root',
  tag: 'Documentation',
  auth: anyone,
  errors: [],
  errorStyle: 'detailed',
} as const

/** Describes `routes` and itself. The document and the page are made at the first call and kept. */
export function docsRoutes(routes: readonly Route[], version: string): Route[] {
  const own: Route[] = [
    route({
      ...common,
      path: '/openapi.json',
      summary: 'This API as OpenAPI 3.1',
      response: { status: 200, schema: z.object({ openapi: z.string() }) },
      handler: () => rawJson(200, text()),
    }),
    route({
      ...common,
      path: '/docs',
      summary: 'This API as a page',
      response: { status: 200, contentType: 'text/html' },
      handler: () => ({
        status: 200,
        contentType: 'text/html; charset=utf-8',
        body: page(),
        headers: { 'content-security-policy': POLICY },
      }),
    }),
  ]
  const document = once(() => openApiOf([...routes, ...own], version))
  const text = once(() => JSON.stringify(document()))
  const page = once(() => renderApiPage(document()))
  return own
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}

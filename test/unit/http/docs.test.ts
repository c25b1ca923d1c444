import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { channelIdParam, integerQuery } from '../../../node/api/params.ts'
import { html } from '../../../node/http/docs/html.ts'
import { anyone, session } from '../../../node/http/guards.ts'
import { openApiOf } from '../../../node/http/openapi.ts'
import { json } from '../../../node/http/reply.ts'
import { route } from '../../../node/http/route.ts'
import { accountRoutes } from '../../../node/http/routes/accounts.ts'
import { docsRoutes } from '../../../node/http/routes/docs.ts'
import { probeRoutes } from '../../../node/http/routes/probes.ts'
import { sessionRoutes } from '../../../node/http/routes/sessions.ts'
import { startHttp } from '../../kit/http.ts'

/** Only described here, never called. */
const never = {} as never
const ROUTES = [
  ...probeRoutes({ version: '1', readiness: never, uptimeSeconds: never, metricsText: undefined }),
  ...accountRoutes({ accounts: never, profiles: never, serverName: 'x' }),
  ...sessionRoutes({ sessions: never }),
  route({
    method: 'GET',
    path: '/channels/{channel_id}/events',
    family: 'client',
    tag: 'Messages',
    summary: 'Events with <markup> & "quotes"',
    auth: session,
    params: z.object({ channel_id: channelIdParam }),
    query: z.object({ limit: integerQuery('1 to 200').optional(), since: integerQuery('Exclusive') }),
    response: { status: 200, schema: z.array(z.object({ sequence: z.int() }).meta({ id: 'Entry' })) },
    errors: ['not_found'],
    errorStyle: 'bare',
    handler: () => json(200, []),
  }),
  route({
    method: 'POST',
    path: '/channels/{channel_id}/events',
    family: 'client',
    tag: 'Messages',
    summary: 'Post',
    auth: anyone,
    params: z.object({ channel_id: channelIdParam }),
    body: z.object({ id: z.string(), note: z.string().nullish(), list: z.array(z.object({ deep: z.int() })) }),
    response: { status: 204 },
    errors: ['conflict'],
    errorStyle: 'detailed',
    handler: () => json(200, []),
  }),
]

describe('the OpenAPI document', () => {
  const document = openApiOf(ROUTES, '1.2.3')

  test('lists every path once, client paths with both places', () => {
    expect(Object.keys(document.paths)).toEqual([
      '/channels/{channel_id}/events',
      '/health',
      '/metrics',
      '/ready',
      '/sessions/devices',
      '/sessions/devices/{device_id}',
      '/sessions/login',
      '/sessions/refresh',
      '/sessions/revoke',
      '/users/me',
      '/users/register',
      '/version',
    ])
    expect(document.paths['/users/me']?.servers?.map(({ url }) => url)).toEqual(['/', '/client/v1'])
    expect(document.paths['/health']).not.toHaveProperty('servers')
  })

  test('keeps its headings in the order of the routes', () => {
    expect(document.tags.map(({ name }) => name)).toEqual(['Probes', 'Accounts', 'Sessions', 'Messages'])
  })

  test('tells parameters of path and query', () => {
    expect(document.paths['/channels/{channel_id}/events']?.get?.parameters).toEqual([
      {
        name: 'channel_id',
        in: 'path',
        required: true,
        description: 'Channel',
        schema: { type: 'string', format: 'uuid' },
      },
      { name: 'limit', in: 'query', required: false, description: '1 to 200', schema: { type: 'integer' } },
      { name: 'since', in: 'query', required: true, description: 'Exclusive', schema: { type: 'integer' } },
    ])
  })

  test('tells who may call', () => {
    expect(document.paths['/users/me']?.get?.security).toEqual([{ session: [] }])
    expect(document.paths['/users/register']?.post?.security).toEqual([])
    expect(Object.keys(document.components.securitySchemes)).toEqual(['session', 'admin'])
  })

  test('tells how each kind of endpoint refuses', () => {
    const register = document.paths['/users/register']?.post?.responses
    const me = document.paths['/users/me']?.get?.responses
    const own = document.paths['/channels/{channel_id}/events']?.post?.responses

    expect(register?.['409']?.content?.['application/json']?.schema).toEqual({ $ref: '#/components/schemas/CodeError' })
    expect(Object.keys(register?.['400']?.content ?? {})).toEqual(['application/json', 'text/plain'])
    expect(me?.['401']).toEqual({ description: 'unauthorized' })
    expect(own?.['422']?.content?.['application/json']?.schema).toEqual({ $ref: '#/components/schemas/Error' })
  })

  test('describes what is sent, not what it becomes', () => {
    const schema =
      document.paths['/channels/{channel_id}/events']?.post?.requestBody?.content['application/json']?.schema

    expect(schema).toEqual({
      type: 'object',
      properties: {
        id: { type: 'string' },
        note: { type: ['string', 'null'] },
        list: {
          type: 'array',
          items: { type: 'object', properties: { deep: { type: 'integer' } }, required: ['deep'] },
        },
      },
      required: ['id', 'list'],
    })
  })

  test('has no reference that leads nowhere and no operation id twice', () => {
    const text = JSON.stringify(document)
    const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, id]) => id)
    const operationIds = [...text.matchAll(/"operationId":"([^"]+)"/g)].map(([, id]) => id)

    expect(references.length).toBeGreaterThan(10)
    expect(references.filter((id) => id === undefined || !(id in document.components.schemas))).toEqual([])
    expect(new Set(operationIds).size).toBe(operationIds.length)
    expect(text).not.toContain('$defs')
  })
})

describe('the API page', () => {
  test('needs nothing its policy forbids', async () => {
    await using server = await startHttp([...ROUTES, ...docsRoutes(ROUTES, '1.2.3')])

    const response = await server.get('/docs')
    const page = await response.text()

    const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('content-security-policy')).toContain(`style-src 'sha256-${hash}'`)
    expect(page).not.toMatch(/<script|<link|<img|\sstyle=|\son[a-z]+=/)
    expect(page).toContain('/docs')
  })

  test('shows every endpoint, with what it says escaped', async () => {
    await using server = await startHttp(docsRoutes(ROUTES, '1.2.3'))

    const page = await (await server.get('/docs')).text()

    for (const { path } of ROUTES) expect(page).toContain(`<code>${path}</code>`)
    expect(page).toContain('Events with &lt;markup&gt; &amp; &quot;quotes&quot;')
  })

  test('the document is served beside it', async () => {
    await using server = await startHttp(docsRoutes(ROUTES, '1.2.3'))

    const response = await server.get('/openapi.json')

    expect(await response.json()).toMatchObject({ openapi: '3.1.0', info: { version: '1.2.3' } })
  })
})

test('markup made from text is text', () => {
  const list = [html`<i>${1}</i>`, undefined, false, `'<'`] as const

  expect(html`<p title="${'"'}">${list}</p>`.text).toBe('<p title="&quot;"><i>1</i>&#39;&lt;&#39;</p>')
})

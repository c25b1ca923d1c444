import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { channelIdParam, integerQuery } from '../../node/api/params.ts'
import { AppError } from '../../node/base/errors.ts'
import type { UserId } from '../../node/base/ids.ts'
import { currentRequestId } from '../../node/base/request-context.ts'
import { admin, anyone, session, type Authenticator } from '../../node/http/guards.ts'
import { json, rawJson, text } from '../../node/http/reply.ts'
import { route } from '../../node/http/route.ts'
import { startHttp, type TestServer } from '../kit/http.ts'
import { recordingLogger } from '../kit/log.ts'

const COMMON = { tag: 'Test', summary: 'For tests', response: { status: 200 }, errors: [] } as const
const CHANNEL = '3b7f3e93-7c9c-47f5-91d3-cbf09dc5a8f6'

const getThing = route({
  ...COMMON,
  method: 'GET',
  path: '/things/{channel_id}',
  family: 'client',
  auth: anyone,
  errorStyle: 'bare',
  params: z.object({ channel_id: channelIdParam }),
  query: z.object({ limit: integerQuery('How many').optional() }),
  handler: ({ params, query }) => json(200, { id: params.channel_id, limit: query.limit ?? null }),
})

const nested = z.object({ inner_id: z.string() }).nullish()
const postThing = route({
  ...COMMON,
  method: 'POST',
  path: '/things',
  family: 'client',
  auth: session,
  errorStyle: 'bare',
  body: z.object({ name: z.string(), note: z.string().nullish(), nested }),
  handler: ({ body, caller }) => json(200, { ...body, by: caller.username }),
})

const ownThing = route({
  ...COMMON,
  method: 'POST',
  path: '/own',
  family: 'client',
  auth: session,
  errorStyle: 'detailed',
  body: z.object({ name: z.string() }),
  handler() {
    throw new AppError('conflict', 'That is there already')
  },
})

const unread = route({
  ...COMMON,
  method: 'GET',
  path: '/things/unread',
  family: 'client',
  auth: anyone,
  errorStyle: 'bare',
  handler: () => rawJson(200, '{"unread":1.0}'),
})

const broken = route({
  ...COMMON,
  method: 'GET',
  path: '/broken',
  family: 'root',
  auth: anyone,
  errorStyle: 'detailed',
  handler() {
    throw new Error('secret detail of the disk')
  },
})

const adminThing = route({
  ...COMMON,
  method: 'GET',
  path: '/admin/v1/thing',
  family: 'root',
  auth: admin,
  errorStyle: 'detailed',
  handler: () => text(200, 'for admins'),
})

const authenticator: Authenticator = {
  session: (token) =>
    token === 'alice'
      ? { kind: 'session', userId: 'u' as UserId, username: 'alice', sessionId: 's', expiresAt: 0 }
      : undefined,
  admin: (token) => (token === 'admin' ? { kind: 'admin_token' } : undefined),
  adminOrigins: ['app://openguild'],
  adminRemote: false,
}

const ROUTES = [getThing, postThing, ownThing, unread, broken, adminThing]
const start = (options: Parameters<typeof startHttp>[1] = {}) => startHttp(ROUTES, { authenticator, ...options })

const SECURITY = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  vary: 'origin, access-control-request-method, access-control-request-headers',
  'access-control-allow-origin': '*',
}

/** Like fetch, but `Host`, methods and connections are ours to choose. */
function raw(server: TestServer, path: string, options: { method?: string; headers?: Record<string, string> } = {}) {
  return new Promise<IncomingMessage & { text: string }>((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port: server.port, path, agent: false, ...options },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => resolve(Object.assign(response, { text: Buffer.concat(chunks).toString() })))
      },
    )
    request.on('error', reject)
    request.end()
  })
}

describe('headers', () => {
  test.each([
    ['an answer', '/things/unread', 200],
    ['an unknown path', '/nothing', 404],
    ['a refused method', '/things', 405],
    ['a fault', '/broken', 500],
    ['an undecodable path', '/things/%E0%A4%A', 400],
  ])('%s carries all of them', async (_, path, status) => {
    await using server = await start()

    const response = await server.get(path)

    expect(response.status).toBe(status)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      ...SECURITY,
      'access-control-expose-headers': 'x-request-id',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    expect(response.headers.has('x-powered-by')).toBe(false)
    expect(response.headers.has('etag')).toBe(false)
  })

  test('listed origins alone are echoed', async () => {
    await using server = await start({ config: { corsOrigins: ['https://guild.example', 'bad\norigin'] } })
    const originFor = async (origin: string) =>
      (await server.fetch('/things/unread', { headers: { origin } })).headers.get('access-control-allow-origin')

    expect(await originFor('https://guild.example')).toBe('https://guild.example')
    expect(await originFor('https://evil.example')).toBeNull()
  })

  test('origins that fit no header are skipped, and without any left all are allowed', async () => {
    const log = recordingLogger()
    await using server = await start({ log, config: { corsOrigins: ['bad\norigin'] } })

    const response = await server.get('/things/unread')

    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(log.lines).toContainEqual(expect.objectContaining({ level: 'warn' }))
  })

  test.each(['/things', '/nothing', '/'])('OPTIONS %s is answered as a preflight', async (path) => {
    await using server = await start()

    const response = await server.fetch(path, { method: 'OPTIONS', headers: { origin: 'https://a.example' } })

    expect(response.status).toBe(200)
    expect(await response.text()).toBe('')
    expect(Object.fromEntries(response.headers)).toMatchObject({
      ...SECURITY,
      'access-control-allow-methods': 'GET,POST,PUT,PATCH,DELETE,OPTIONS',
    })
    const allowed = response.headers.get('access-control-allow-headers')?.split(',')
    expect(allowed).toEqual(
      expect.arrayContaining(['*', 'authorization', 'content-type', 'x-request-id', 'x-device-id']),
    )
    expect(response.headers.has('access-control-expose-headers')).toBe(false)
  })
})

describe('request ids', () => {
  test.each(['abc', 'A'.repeat(128), '{"weird":1}'])('%j is echoed', async (id) => {
    await using server = await start()

    const response = await server.fetch('/things/unread', { headers: { 'x-request-id': id } })

    expect(response.headers.get('x-request-id')).toBe(id)
  })

  test.each(['A'.repeat(129), 'with space', 'caf\u00e9'])('%j is replaced', async (id) => {
    await using server = await start()

    const response = await server.fetch('/things/unread', { headers: { 'x-request-id': id } })

    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/)
  })

  test('every log line of a request carries its id, and the edge writes one', async () => {
    const log = recordingLogger()
    const logged = route({
      ...COMMON,
      method: 'POST',
      path: '/logged/{channel_id}',
      family: 'client',
      auth: anyone,
      errorStyle: 'bare',
      params: z.object({ channel_id: channelIdParam }),
      body: z.object({}),
      async handler() {
        await new Promise(setImmediate)
        log.info({}, `within ${currentRequestId()}`)
        return json(200, {})
      },
    })
    const server = await startHttp([logged], { log })
    await server.fetch(`/client/v1/logged/${CHANNEL}?access_token=secret`, {
      method: 'POST',
      headers: { 'x-request-id': 'my-id', 'content-type': 'application/json' },
      body: '{}',
    })
    await server.stop(1000)

    expect(log.lines).toMatchObject([
      { level: 'info', sentence: 'within my-id', requestId: 'my-id' },
      {
        level: 'debug',
        sentence: 'request completed',
        fields: { request_id: 'my-id', method: 'POST', route: '/client/v1/logged/{channel_id}', status: 200 },
      },
    ])
    expect(JSON.stringify(log.lines)).not.toContain('secret')
  })
})

describe('paths and methods', () => {
  test.each([
    ['GET', '/things/unread', 200],
    ['GET', '/client/v1/things/unread', 200],
    ['GET', '/things/unread/', 404],
    ['GET', '/Things/unread', 404],
    ['GET', '/client/v1/broken', 404],
    ['GET', '/client/v1', 404],
    ['GET', '/client/v1/client/v1/things/unread', 404],
    ['DELETE', '/nothing', 404],
  ])('%s %s gives %i', async (method, path, status) => {
    await using server = await start()

    const response = await server.fetch(path, { method })

    expect(response.status).toBe(status)
    if (status === 404) expect(await response.text()).toBe('')
  })

  test.each([
    ['DELETE', '/things', 'POST'],
    ['POST', '/things/unread', 'GET,HEAD'],
    ['POST', `/client/v1/things/${CHANNEL}`, 'GET,HEAD'],
    ['HEAD', '/things', 'POST'],
  ])('%s %s is 405 and names what is allowed', async (method, path, allow) => {
    await using server = await start()

    const response = await server.fetch(path, { method })

    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe(allow)
    expect(await response.text()).toBe('')
  })

  test('HEAD is GET without the body', async () => {
    await using server = await start()

    const head = await server.fetch('/things/unread', { method: 'HEAD' })

    expect(head.status).toBe(200)
    expect(head.headers.get('content-length')).toBe('14')
    expect(await head.text()).toBe('')
  })

  test('text serialised before is sent as it is', async () => {
    await using server = await start()

    expect(await (await server.get('/things/unread')).text()).toBe('{"unread":1.0}')
  })
})

describe('what cannot be read', () => {
  test.each([
    ['hyphenated', CHANNEL],
    ['upper case', CHANNEL.toUpperCase()],
    ['plain digits', CHANNEL.replaceAll('-', '')],
    ['in braces', `%7B${CHANNEL}%7D`],
    ['as a urn', `urn:uuid:${CHANNEL}`],
  ])('an id may be %s', async (_, id) => {
    await using server = await start()

    const response = await server.get(`/things/${id}?limit=-3`)

    expect(await response.json()).toEqual({ id: CHANNEL, limit: -3 })
  })

  test.each([
    ['an id that is no UUID', '/things/abc', 'Invalid URL:'],
    ['an undecodable path', '/things/%zz', 'Invalid URL:'],
    ['a limit that is no number', `/things/${CHANNEL}?limit=abc`, 'Failed to deserialize query string'],
    ['a fraction', `/things/${CHANNEL}?limit=1.5`, 'Failed to deserialize query string'],
    ['an empty limit', `/things/${CHANNEL}?limit=`, 'Failed to deserialize query string'],
    ['a limit given twice', `/things/${CHANNEL}?limit=1&limit=2`, 'Failed to deserialize query string'],
  ])('%s is a 400 in plain text', async (_, path, start_) => {
    await using server = await start()

    const response = await server.get(path)

    expect(response.status).toBe(400)
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(await response.text()).toMatch(new RegExp(`^${start_}`))
  })

  const JSON_TYPE = 'application/json'
  const SYNTAX = 'Failed to parse the request body as JSON'
  const SHAPE = 'Failed to deserialize the JSON body into the target type'
  const LONE = '{"name":"\\ud800"}'
  test.each<[string, string | undefined, NonNullable<RequestInit['body']>, number, string]>([
    ['no content type', undefined, new Uint8Array([0x7b, 0x7d]), 415, 'Expected request with'],
    ['text', 'text/plain', '{}', 415, 'Expected request with'],
    ['jsonish', 'application/jsonx', '{}', 415, 'Expected request with'],
    ['an empty body', JSON_TYPE, '', 400, SYNTAX],
    ['no JSON', JSON_TYPE, '{"name":', 400, SYNTAX],
    ['trailing characters', JSON_TYPE, '{"name":"x"} x', 400, SYNTAX],
    ['a byte order mark', JSON_TYPE, '\ufeff{"name":"x"}', 400, SYNTAX],
    ['no UTF-8', JSON_TYPE, new Uint8Array([0x22, 0xff, 0x22]), 400, SYNTAX],
    ['a lone surrogate', JSON_TYPE, LONE, 400, SYNTAX],
    ['deep nesting', JSON_TYPE, `{"name":${'['.repeat(128)}${']'.repeat(128)}}`, 400, SYNTAX],
    ['very deep nesting', JSON_TYPE, `${LONE.slice(0, -1)},"x":${'['.repeat(9e5)}${']'.repeat(9e5)}}`, 400, SYNTAX],
    ['a missing field', JSON_TYPE, '{}', 422, SHAPE],
    ['a wrong type', JSON_TYPE, '{"name":1}', 422, SHAPE],
    ['null for a required field', JSON_TYPE, '{"name":null}', 422, SHAPE],
    ['another JSON value', JSON_TYPE, '"name"', 422, SHAPE],
    ['a field given twice', JSON_TYPE, '{"name":"x","n\\u0061me":"y"}', 422, SHAPE],
    ['an inner field given twice', JSON_TYPE, '{"name":"","nested":{"inner_id":"x","inner_id":"y"}}', 422, SHAPE],
    ['a wrong inner field', JSON_TYPE, '{"name":"","nested":{}}', 422, SHAPE],
    ['a long body', JSON_TYPE, JSON.stringify({ name: 'x'.repeat(2_097_152) }), 413, 'Failed to buffer'],
  ])('%s is refused before anybody asks for a token', async (_, contentType, body, status, begin) => {
    await using server = await start()
    const headers: Record<string, string> = contentType === undefined ? {} : { 'content-type': contentType }

    const response = await server.fetch('/things', { method: 'POST', headers, body })

    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    const answer = await response.text()
    expect(answer.startsWith(begin), answer).toBe(true)
  })

  test.each([
    ['unknown fields', '{"name":"x","other":1,"other":2}'],
    ['null for an optional field', '{"name":"x","note":null,"nested":null}'],
    ['fields of the same name in different objects', '{"name":"x","nested":{"inner_id":"y","name":"z"}}'],
    ['a repeated key in a list', '{"name":"x","other":[{"a":1,"a":2},{"name":1}]}'],
    ['a paired surrogate', '{"name":"\\ud83d\\ude00"}'],
    ['nesting of 128 levels', `{"name":"x","other":${'['.repeat(127)}${']'.repeat(127)}}`],
  ])('%s is fine', async (_, body) => {
    await using server = await start()
    const headers = { 'content-type': 'application/merge-patch+JSON; charset=utf-8', authorization: 'Bearer alice' }

    const response = await server.fetch('/things', { method: 'POST', headers, body })

    expect(response.status, await response.clone().text()).toBe(200)
    expect(await response.json()).toMatchObject({ by: 'alice' })
  })

  test('a body of unknown length is cut off at the limit', async () => {
    await using server = await start({ config: { bodyMaxBytes: 1024 } })
    const chunk = new TextEncoder().encode('x'.repeat(512))
    const body = new ReadableStream({
      start(controller) {
        for (let count = 0; count < 8; count += 1) controller.enqueue(chunk)
        controller.close()
      },
    })
    const init = { method: 'POST', headers: { 'content-type': JSON_TYPE }, body, duplex: 'half' } as RequestInit

    expect((await server.fetch('/things', init)).status).toBe(413)
  })

  test('our own endpoints say it in our own words', async () => {
    await using server = await start()

    const response = await server.post('/own', { name: 1 })

    expect(response.status).toBe(422)
    expect(await response.json()).toEqual({
      error: 'validation_error',
      message: expect.stringContaining(SHAPE),
      details: [{ field: 'name', message: expect.any(String) }],
    })
  })

  test('what a password looks like never comes back', async () => {
    await using server = await start()

    const response = await server.fetch('/things', {
      method: 'POST',
      headers: { 'content-type': JSON_TYPE },
      body: '{"password":"hunter2" oops',
    })

    expect(await response.text()).not.toContain('hunter2')
  })
})

describe('refusals', () => {
  test('endpoints of the original answer a bare status, ours a code and a sentence', async () => {
    await using server = await start()

    const bare = await server.post('/things', { name: 'x' })
    const own = await server.post('/own', { name: 'x' })
    const conflict = await server.post('/own', { name: 'x' }, 'alice')

    expect([bare.status, await bare.text()]).toEqual([401, ''])
    expect([own.status, await own.json()]).toEqual([401, { error: 'unauthorized', message: expect.any(String) }])
    expect([conflict.status, await conflict.json()]).toEqual([
      409,
      { error: 'conflict', message: 'That is there already' },
    ])
  })

  test('nothing of a fault leaves the node, and it is logged once', async () => {
    const log = recordingLogger()
    await using server = await start({ log })

    const response = await server.fetch('/broken', { headers: { 'x-request-id': 'the-broken-one' } })

    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('disk')
    const errors = log.lines.filter(({ level }) => level === 'error')
    expect(errors).toMatchObject([{ requestId: 'the-broken-one', fields: { route: '/broken' } }])
  })
})

describe('the Host header', () => {
  const statusFor = async (server: TestServer, host: string) =>
    (await raw(server, '/things/unread', { headers: { host } })).statusCode

  test.each([
    ['localhost', 200],
    ['localhost:8080', 200],
    ['LOCALHOST.', 200],
    ['node.localhost:80', 200],
    ['127.0.0.1:1234', 200],
    ['[::1]:8080', 200],
    ['guild.example', 200],
    ['Guild.Example:443', 200],
    ['evil.example', 421],
    ['localhost.evil.example', 421],
    ['192.168.1.5', 421],
  ])('on loopback %j gives %i', async (host, status) => {
    await using server = await start({ config: { allowedHosts: ['guild.example'] } })

    expect(await statusFor(server, host)).toBe(status)
  })

  test('a node open to other computers is reached by any address, but not by any name', async () => {
    await using server = await start({ config: { host: '0.0.0.0' } })

    expect(await statusFor(server, '192.168.1.5:8080')).toBe(200)
    expect(await statusFor(server, '[2001:db8::1]')).toBe(200)
    expect(await statusFor(server, 'evil.example')).toBe(421)
  })
})

describe('admin calls', () => {
  const call = (server: TestServer, headers: Record<string, string>) =>
    server.fetch('/admin/v1/thing', { headers: { authorization: 'Bearer admin', ...headers } })

  test('need the token', async () => {
    await using server = await start()

    expect((await server.get('/admin/v1/thing')).status).toBe(401)
    expect((await server.get('/admin/v1/thing', 'alice')).status).toBe(401)
    expect((await server.get('/admin/v1/thing', 'admin')).status).toBe(200)
  })

  test('come from pages of the node itself or of the desktop, never from others', async () => {
    await using server = await start()

    expect((await call(server, { origin: server.url })).status).toBe(200)
    expect((await call(server, { origin: 'app://openguild' })).status).toBe(200)
    expect((await call(server, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await call(server, { origin: 'null' })).status).toBe(403)
  })

  test('from other computers are refused unless that is configured, also when a proxy passes them on', async () => {
    await using closed = await start()
    await using open = await start({ authenticator: { ...authenticator, adminRemote: true } })

    expect((await call(closed, { 'x-forwarded-for': '203.0.113.5' })).status).toBe(403)
    expect((await call(open, { 'x-forwarded-for': '203.0.113.5' })).status).toBe(200)
  })
})

describe('WebSocket requests', () => {
  const upgrade = { connection: 'Upgrade', upgrade: 'WebSocket' }

  test('go to the gateway with id, address and headers', async () => {
    await using server = await start({
      onUpgrade: (_request, _socket, _head, facts) => facts.refuse(401, `${facts.requestId} ${facts.address}`),
    })

    const response = await raw(server, '/notifications/ws', { headers: { ...upgrade, 'x-request-id': 'ws-1' } })

    expect(response.statusCode).toBe(401)
    expect(response.text).toBe('ws-1 127.0.0.1')
    expect(response.headers).toMatchObject({ ...SECURITY, 'x-request-id': 'ws-1' })
  })

  test('for a host that is not ours never reach it', async () => {
    await using server = await start({ onUpgrade: (_request, _socket, _head, facts) => facts.refuse(500) })

    const response = await raw(server, '/notifications/ws', { headers: { ...upgrade, host: 'evil.example' } })

    expect(response.statusCode).toBe(421)
  })

  test('an offer of another protocol is passed over', async () => {
    await using server = await start({ onUpgrade: (_request, _socket, _head, facts) => facts.refuse(500) })

    const response = await raw(server, '/things/unread', { headers: { connection: 'Upgrade', upgrade: 'h2c' } })

    expect(response.statusCode).toBe(200)
  })
})

describe('stopping', () => {
  test('lets a request under way finish and closes its connection', async () => {
    const entered = Promise.withResolvers<void>()
    const leave = Promise.withResolvers<void>()
    const slow = route({
      ...COMMON,
      method: 'GET',
      path: '/slow',
      family: 'root',
      auth: anyone,
      errorStyle: 'bare',
      async handler() {
        entered.resolve()
        await leave.promise
        return text(200, 'done')
      },
    })
    const server = await startHttp([slow])
    const answer = server.get('/slow')
    await entered.promise

    const stopped = server.stop(10_000)
    leave.resolve()

    expect(await (await answer).text()).toBe('done')
    await stopped
    await expect(server.get('/slow')).rejects.toThrow()
  })

  test('cuts off what does not finish in time, and may be called twice', async () => {
    const entered = Promise.withResolvers<void>()
    const stuck = route({
      ...COMMON,
      method: 'GET',
      path: '/stuck',
      family: 'root',
      auth: anyone,
      errorStyle: 'bare',
      handler() {
        entered.resolve()
        return new Promise<never>(() => {})
      },
    })
    const server = await startHttp([stuck])
    const answer = server.get('/stuck').catch((error: unknown) => error)
    await entered.promise

    await Promise.all([server.stop(1), server.stop(1)])

    expect(await answer).toBeInstanceOf(Error)
  })

  test('a client that leaves in the middle of its body harms nobody', async () => {
    const log = recordingLogger()
    await using server = await start({ log })
    const socket = connect(server.port, '127.0.0.1')
    const head =
      'POST /things HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{'
    await new Promise<void>((resolve) => socket.write(head, () => resolve()))
    await new Promise<void>((resolve) => socket.on('close', () => resolve()).destroy())

    expect((await server.get('/things/unread')).status).toBe(200)
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([])
  })

  test('a port in use is an error that says so', async () => {
    await using server = await start()

    await expect(start({ config: { port: server.port } })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})

describe('figures', () => {
  test('count by template and status; unknown paths share one label', async () => {
    const server = await start()
    await server.get(`/client/v1/things/${CHANNEL}`)
    await server.get('/things/abc')
    await server.get('/some/unknown/path')
    await server.fetch('/things', { method: 'OPTIONS' })
    await server.stop(1000)

    const figures = await server.metrics.text()

    expect(figures).toContain('openguild_http_requests_total{route="/client/v1/things/{channel_id}",status="200"} 1')
    expect(figures).toContain('openguild_http_requests_total{route="/things/{channel_id}",status="400"} 1')
    expect(figures).toContain('openguild_http_request_duration_seconds_count{route="unmatched",status="404"} 1')
    expect(figures).toContain('openguild_http_request_duration_seconds_bucket{le="0.005",route=')
    expect(figures).not.toContain('/some/unknown/path')
    expect(figures.match(/duration_seconds_count/g)).toHaveLength(3)
  })
})

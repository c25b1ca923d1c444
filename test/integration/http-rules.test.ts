import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { channelIdParam } from '../../node/api/params.ts'
import { currentRequestId } from '../../node/base/request-context.ts'
import { anyone } from '../../node/http/guards.ts'
import { json } from '../../node/http/reply.ts'
import { route } from '../../node/http/route.ts'
import { startHttp } from '../kit/http.ts'
import { recordingLogger } from '../kit/log.ts'
import { CHANNEL, COMMON, SECURITY, startRules } from '../kit/rule-server.ts'

describe('headers', () => {
  test.each([
    ['an answer', '/things/unread', 200],
    ['an unknown path', '/nothing', 404],
    ['a refused method', '/things', 405],
    ['a fault', '/broken', 500],
    ['an undecodable path', '/things/%E0%A4%A', 400],
  ])('%s carries all of them', async (_, path, status) => {
    await using server = await startRules()

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
    await using server = await startRules({ config: { corsOrigins: ['https://guild.example', 'bad\norigin'] } })
    const originFor = async (origin: string) =>
      (await server.fetch('/things/unread', { headers: { origin } })).headers.get('access-control-allow-origin')

    expect(await originFor('https://guild.example')).toBe('https://guild.example')
    expect(await originFor('https://evil.example')).toBeNull()
  })

  test('origins that fit no header are skipped, and without any left all are allowed', async () => {
    const log = recordingLogger()
    await using server = await startRules({ log, config: { corsOrigins: ['bad\norigin'] } })

    const response = await server.get('/things/unread')

    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(log.lines).toContainEqual(expect.objectContaining({ level: 'warn' }))
  })

  test.each(['/things', '/nothing', '/'])('OPTIONS %s is answered as a preflight', async (path) => {
    await using server = await startRules()

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
    await using server = await startRules()

    const response = await server.fetch('/things/unread', { headers: { 'x-request-id': id } })

    expect(response.headers.get('x-request-id')).toBe(id)
  })

  test.each(['A'.repeat(129), 'with space', 'caf\u00e9'])('%j is replaced', async (id) => {
    await using server = await startRules()

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
  test.each(['/things/unread', '/client/v1/things/unread'])('%s is served', async (path) => {
    await using server = await startRules()

    expect((await server.get(path)).status).toBe(200)
  })

  test.each([
    ['GET', '/things/unread/'],
    ['GET', '/Things/unread'],
    ['GET', '/client/v1/broken'],
    ['GET', '/client/v1'],
    ['GET', '/client/v1/client/v1/things/unread'],
    ['DELETE', '/nothing'],
  ])('%s %s is 404 with an empty body', async (method, path) => {
    await using server = await startRules()

    const response = await server.fetch(path, { method })

    expect(response.status).toBe(404)
    expect(await response.text()).toBe('')
  })

  test.each([
    ['DELETE', '/things', 'POST'],
    ['POST', '/things/unread', 'GET,HEAD'],
    ['POST', `/client/v1/things/${CHANNEL}`, 'GET,HEAD'],
    ['HEAD', '/things', 'POST'],
  ])('%s %s is 405 and names what is allowed', async (method, path, allow) => {
    await using server = await startRules()

    const response = await server.fetch(path, { method })

    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe(allow)
    expect(await response.text()).toBe('')
  })

  test('HEAD is GET without the body', async () => {
    await using server = await startRules()

    const head = await server.fetch('/things/unread', { method: 'HEAD' })

    expect(head.status).toBe(200)
    expect(head.headers.get('content-length')).toBe('14')
    expect(await head.text()).toBe('')
  })

  test('text serialised before is sent as it is', async () => {
    await using server = await startRules()

    expect(await (await server.get('/things/unread')).text()).toBe('{"unread":1.0}')
  })
})

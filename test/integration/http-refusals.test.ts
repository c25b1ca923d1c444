import { describe, expect, test } from 'vitest'
import type { TestServer } from '../kit/http.ts'
import { recordingLogger } from '../kit/log.ts'
import { authenticator, rawRequest, startRules } from '../kit/rule-server.ts'

describe('refusals', () => {
  test('endpoints of the original answer a bare status, ours a code and a sentence', async () => {
    await using server = await startRules()

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
    await using server = await startRules({ log })

    const response = await server.fetch('/broken', { headers: { 'x-request-id': 'the-broken-one' } })

    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('disk')
    const errors = log.lines.filter(({ level }) => level === 'error')
    expect(errors).toMatchObject([{ requestId: 'the-broken-one', fields: { route: '/broken' } }])
  })
})

describe('the Host header', () => {
  const statusFor = async (server: TestServer, host: string) =>
    (await rawRequest(server, '/things/unread', { headers: { host } })).statusCode

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
    await using server = await startRules({ config: { allowedHosts: ['guild.example'] } })

    expect(await statusFor(server, host)).toBe(status)
  })

  test('a node open to other computers is reached by any address, but not by any name', async () => {
    await using server = await startRules({ config: { host: '0.0.0.0' } })

    expect(await statusFor(server, '192.168.1.5:8080')).toBe(200)
    expect(await statusFor(server, '[2001:db8::1]')).toBe(200)
    expect(await statusFor(server, 'evil.example')).toBe(421)
  })
})

describe('admin calls', () => {
  const call = (server: TestServer, headers: Record<string, string>) =>
    server.fetch('/admin/v1/thing', { headers: { authorization: 'Bearer admin', ...headers } })

  test('need the token', async () => {
    await using server = await startRules()

    expect((await server.get('/admin/v1/thing')).status).toBe(401)
    expect((await server.get('/admin/v1/thing', 'nobody')).status).toBe(401)
    expect((await server.get('/admin/v1/thing', 'admin')).status).toBe(200)
  })

  test('of a signed-in user who owns nothing are forbidden, in words', async () => {
    await using server = await startRules()

    const response = await server.get('/admin/v1/thing', 'alice')

    expect(response.status).toBe(403)
    expect(await response.json()).toEqual({
      error: 'forbidden',
      message: expect.stringContaining('owners of the node'),
    })
  })

  test('come from pages of the node itself or of the desktop, never from others', async () => {
    await using server = await startRules()

    expect((await call(server, { origin: server.url })).status).toBe(200)
    expect((await call(server, { origin: 'app://openguild' })).status).toBe(200)
    expect((await call(server, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await call(server, { origin: 'null' })).status).toBe(403)
  })

  test('from other computers are refused unless that is configured, also when a proxy passes them on', async () => {
    await using closed = await startRules()
    await using open = await startRules({ authenticator: { ...authenticator, adminRemote: true } })

    expect((await call(closed, { 'x-forwarded-for': '203.0.113.5' })).status).toBe(403)
    expect((await call(open, { 'x-forwarded-for': '203.0.113.5' })).status).toBe(200)
  })
})

import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { text as textOf } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { anyone } from '../../node/http/guards.ts'
import { text } from '../../node/http/reply.ts'
import { route } from '../../node/http/route.ts'
import { startHttp } from '../kit/http.ts'
import { recordingLogger } from '../kit/log.ts'
import { CHANNEL, COMMON, rawRequest, SECURITY, startRules } from '../kit/rule-server.ts'

describe('WebSocket requests', () => {
  const upgrade = { connection: 'Upgrade', upgrade: 'WebSocket' }

  test('go to the gateway with id, address and headers', async () => {
    await using server = await startRules({
      onUpgrade: (_request, _socket, _head, facts) => facts.refuse(401, `${facts.requestId} ${facts.address}`),
    })

    const response = await rawRequest(server, '/notifications/ws', { headers: { ...upgrade, 'x-request-id': 'ws-1' } })

    expect(response.statusCode).toBe(401)
    expect(response.text).toBe('ws-1 127.0.0.1')
    expect(response.headers).toMatchObject({ ...SECURITY, 'x-request-id': 'ws-1' })
  })

  test('that are refused lose their connection, even if the client keeps its end open', async () => {
    await using server = await startRules({ onUpgrade: (_request, _socket, _head, facts) => facts.refuse(404) })
    const client = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
    client.write('GET /ws HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')

    const answer = await textOf(client)
    await server.stop(10_000)

    expect(answer).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/)
    client.destroy()
  })

  test('for a host that is not ours never reach it', async () => {
    await using server = await startRules({ onUpgrade: (_request, _socket, _head, facts) => facts.refuse(500) })

    const response = await rawRequest(server, '/notifications/ws', { headers: { ...upgrade, host: 'evil.example' } })

    expect(response.statusCode).toBe(421)
  })

  test('an offer of another protocol is passed over', async () => {
    await using server = await startRules({ onUpgrade: (_request, _socket, _head, facts) => facts.refuse(500) })

    const response = await rawRequest(server, '/things/unread', { headers: { connection: 'Upgrade', upgrade: 'h2c' } })

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
    await expect(server.get('/slow')).rejects.toThrow('fetch failed')
  })

  test('does not wait for WebSockets: those are for the gateway to close', async () => {
    const taken = Promise.withResolvers<Duplex>()
    const server = await startRules({
      onUpgrade(_request, socket) {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')
        taken.resolve(socket)
      },
    })
    const client = connect(server.port, '127.0.0.1')
    client.write('GET /ws HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')
    const socket = await taken.promise

    await server.stop(10_000)

    expect(socket.destroyed).toBe(false)
    socket.destroy()
    client.destroy()
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
    await using server = await startRules({ log })
    const socket = connect(server.port, '127.0.0.1')
    const head =
      'POST /things HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{'
    await new Promise<void>((resolve) => socket.write(head, () => resolve()))
    await new Promise<void>((resolve) => socket.on('close', () => resolve()).destroy())

    expect((await server.get('/things/unread')).status).toBe(200)
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([])
  })

  test('a port in use is an error that says so', async () => {
    await using server = await startRules()

    await expect(startRules({ config: { port: server.port } })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})

describe('figures', () => {
  test('count by template and status; unknown paths share one label', async () => {
    const server = await startRules()
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

import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { once } from 'node:events'
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ask, type Client, signUp } from '../kit/client.ts'
import { createMachines, type Machines } from '../kit/machines.ts'
import type { ProcessNode } from '../kit/process-node.ts'
import { openSocket, refusedSocket } from '../kit/sockets.ts'

let machines: Machines
let node: ProcessNode
let alice: Client
let guildId: string
let channelId: string

beforeAll(async () => {
  machines = createMachines()
  node = await machines.start('node')
  alice = await signUp(node.address, 'alice')
  guildId = (await alice.createGuild('Harbour')).guild_id
  channelId = (await alice.createChannel(guildId, 'general')).channel_id
})

afterAll(() => machines[Symbol.asyncDispose]())

/** Whatever came in, the same process goes on serving. */
afterEach(async () => {
  const { event_id: eventId } = await alice.post(channelId, 'still here')
  assert.deepEqual(
    (await alice.page(channelId, 'limit=1')).map((message) => message.eventId),
    [eventId],
  )
  assert.doesNotMatch(node.output(), / ERROR /)
})

const messages = () => `/channels/${channelId}/messages`
const post = (path: string, body: unknown, token: string | undefined = alice.token()) =>
  ask(node.address(), 'POST', path, { body, token })

describe('a body that cannot be read', () => {
  it.each([
    { what: 'not JSON', body: '{"content": ', status: 400 },
    { what: 'JSON and more', body: '{"sender":"","content":"x"} x', status: 400 },
    { what: 'a lone surrogate', body: String.raw`{"sender":"","content":"\ud800"}`, status: 400 },
    { what: 'JSON a thousand deep', body: '['.repeat(1000) + ']'.repeat(1000), status: 400 },
    { what: 'an array', body: '[]', status: 422 },
    { what: 'a number for text', body: { sender: '', content: 5 }, status: 422 },
    { what: 'a field missing', body: { sender: '' }, status: 422 },
    { what: 'a field twice', body: '{"sender":"","content":"a","content":"b"}', status: 422 },
    { what: 'blank text', body: { sender: '', content: ' \n ' }, status: 400 },
    { what: '4001 characters', body: { sender: '', content: 'x'.repeat(4001) }, status: 400 },
    { what: 'another sender', body: { sender: randomUUID(), content: 'x' }, status: 403 },
  ])('$what is $status', async ({ body, status }) => {
    expect((await post(messages(), body)).status).toBe(status)
  })

  it('beyond 2 MiB is 413, whether it says so or not', async () => {
    const text = JSON.stringify({ sender: '', content: 'x'.repeat(3 * 1024 * 1024) })

    expect((await post(messages(), text)).status).toBe(413)
    expect(await postChunked(messages(), text)).toBe(413)
  })

  it('of another content type is 415', async () => {
    const options = { body: '{}', token: alice.token(), headers: { 'content-type': 'text/plain' } }

    expect((await ask(node.address(), 'POST', messages(), options)).status).toBe(415)
  })

  it('that stops halfway leaves nothing behind', async () => {
    const { hostname, port } = new URL(node.address())
    const socket = connect(Number(port), hostname)
    socket.write(`POST ${messages()} HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${alice.token()}\r\n`)
    socket.write('content-type: application/json\r\ncontent-length: 100\r\n\r\n{"sender":"","con')
    socket.end()
    socket.resume()
    await once(socket, 'close')
  })
})

describe('what is not HTTP', () => {
  it.each([
    { what: 'noise', text: `${'\u0000\u0001garbage\r\n'.repeat(50)}\r\n\r\n` },
    { what: 'a header of 100 KB', text: `GET / HTTP/1.1\r\nhost: localhost\r\nx-long: ${'x'.repeat(100_000)}\r\n\r\n` },
  ])('$what is answered with 4xx and the connection is closed', async ({ text }) => {
    const { hostname, port } = new URL(node.address())
    const socket = connect(Number(port), hostname)
    let answer = ''
    socket.on('data', (part) => (answer += part.toString('latin1')))
    socket.on('error', () => {})
    socket.write(text)

    await new Promise((resolve) => socket.once('close', resolve))

    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /)
  })

  it('another host name is refused, so that no web page rebinds its way in', async () => {
    const { port } = new URL(node.address())
    const request = httpRequest({ port, host: '127.0.0.1', path: '/guilds', headers: { host: 'evil.example' } }).end()
    const [response] = await once(request, 'response')
    response.resume()

    expect(response.statusCode).toBeGreaterThanOrEqual(400)
  })
})

describe('ids that name nothing', () => {
  const nothing = randomUUID()

  it.each([
    { method: 'GET', path: `/channels/${nothing}/events`, status: 404 },
    { method: 'POST', path: `/channels/${nothing}/messages`, body: { sender: '', content: 'x' }, status: 404 },
    { method: 'GET', path: '/channels/not-an-id/events', status: 400 },
    { method: 'GET', path: `/guilds/${nothing}`, status: 404 },
    { method: 'GET', path: `/guilds/${nothing}/channels`, status: 200 },
    { method: 'POST', path: `/guilds/${nothing}/channels`, body: { name: 'x' }, status: 404 },
    { method: 'POST', path: `/guilds/${nothing}/invites`, body: {}, status: 404 },
    { method: 'GET', path: `/channels/${nothing}/events?limit=abc`, status: 400 },
    { method: 'GET', path: '/nowhere', status: 404 },
    { method: 'DELETE', path: '/guilds', status: 405 },
  ])('$method $path is $status', async ({ method, path, body, status }) => {
    expect((await alice.ask(method, path, body)).status).toBe(status)
  })

  it('a guild of others looks like none', async () => {
    const mallory = await signUp(node.address, 'mallory')

    expect((await mallory.ask('GET', `/guilds/${guildId}`)).status).toBe(404)
    expect((await mallory.ask('GET', `/channels/${channelId}/events`)).status).toBe(404)
    expect((await mallory.ask('POST', messages(), { sender: '', content: 'hi' })).status).toBe(404)
    expect((await refusedSocket(`${node.address()}/channels/${channelId}/ws`, { token: mallory.token() })).status).toBe(
      404,
    )
  })
})

describe('a token that does not count', () => {
  const forged = () => {
    const [payload = '', signature = ''] = alice.token().split('.')
    const claims = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), user_id: randomUUID() }
    return `${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`
  }

  it.each([
    { what: 'none', token: () => '' },
    { what: 'noise', token: () => 'abc.def' },
    { what: 'half of one', token: () => alice.token().split('.')[0] ?? '' },
    { what: 'padded', token: () => `${alice.token()}==` },
    { what: 'with other claims', token: forged },
    { what: 'of 100 kB', token: () => 'x'.repeat(10_000) },
  ])('$what is 401 on requests and sockets', async ({ token }) => {
    expect((await post(messages(), { sender: '', content: 'x' }, token())).status).toBe(401)
    expect((await refusedSocket(`${node.address()}/channels/${channelId}/ws`, { token: token() })).status).toBe(401)
  })

  it('of a user opens no admin door, unless the user owns the node', async () => {
    const eve = await signUp(node.address, 'eve')

    expect((await eve.ask('GET', '/admin/v1/status')).status).toBe(403)
    expect((await ask(node.address(), 'GET', '/admin/v1/status')).status).toBe(401)
    expect((await alice.ask('GET', '/admin/v1/status')).status).toBe(200)
  })

  it('after the session was revoked is 401', async () => {
    const login = { identifier: 'alice', secret: 'correct horse battery', device: { device_id: 'lost phone' } }
    const { access_token, refresh_token } = JSON.parse((await post('/sessions/login', login)).text)

    await post('/sessions/revoke', { refresh_token })

    expect((await post('/sessions/refresh', { refresh_token })).status).toBe(401)
    expect((await ask(node.address(), 'GET', '/guilds', { token: access_token })).status).toBe(401)
  })
})

describe('a socket', () => {
  it('that sends nonsense is left alone', async () => {
    await using socket = await openSocket(`${node.address()}/channels/${channelId}/ws`, { token: alice.token() })
    const replayed = socket.frames.length

    for (const text of ['{', '{"op":"delete_everything"}', '\u0000', '[]']) socket.ws.send(text)
    socket.ws.send(Buffer.from([0, 255, 3]))
    await alice.post(channelId, 'after nonsense')

    await socket.received(replayed + 1)
    expect(socket.ws.readyState).toBe(socket.ws.OPEN)
  })

  it('that sends a frame too large is closed with 1009', async () => {
    await using socket = await openSocket(`${node.address()}/channels/${channelId}/ws`, { token: alice.token() })

    socket.ws.send('x'.repeat(4 * 1024 * 1024))

    expect((await socket.closed).code).toBe(1009)
  })

  it('that breaks the WebSocket protocol is closed, and nobody else is', async () => {
    await using quiet = await openSocket(`${node.address()}/channels/${channelId}/ws`, { token: alice.token() })
    const { hostname, port } = new URL(node.address())
    const raw = connect(Number(port), hostname)
    raw.on('error', () => {})
    raw.write(
      `GET /channels/${channelId}/ws HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${alice.token()}\r\n` +
        'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: MDEyMzQ1Njc4OUFCQ0RFRg==\r\n\r\n',
    )
    const [answer] = await once(raw, 'data')
    expect(answer.toString('latin1')).toMatch(/^HTTP\/1\.1 101 /)

    raw.write(Buffer.from([0xff, 0xff, 0xff, 0xff]))
    raw.resume()
    await once(raw, 'close')

    expect(quiet.ws.readyState).toBe(quiet.ws.OPEN)
  })
})

/** Without a content-length, so that the node has to count. */
async function postChunked(path: string, body: string): Promise<number | undefined> {
  const { port } = new URL(node.address())
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${alice.token()}` }
  const request = httpRequest({ port, host: '127.0.0.1', method: 'POST', path, headers })
  request.on('error', () => {})
  for (let start = 0; start < body.length; start += 65_536) request.write(body.slice(start, start + 65_536))
  request.end()
  const [response] = await once(request, 'response')
  response.resume()
  return response.statusCode
}

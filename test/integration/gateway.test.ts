import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Caller } from '../../node/services/guild-access.ts'
import { bring, guildWithChannel } from '../kit/home.ts'
import { type HomeServer, startHome } from '../kit/home-server.ts'
import { openSocket, refusedSocket } from '../kit/sockets.ts'
import { until } from '../kit/until.ts'

type ChannelId = Awaited<ReturnType<typeof guildWithChannel>>['channelId']

/** Alice with a guild of one channel, signed in. */
async function stage(home: HomeServer, ...members: Caller[]) {
  const alice = home.account('alice')
  const { guildId, channelId } = await guildWithChannel(home, alice, ...members)
  const url = `${home.http.url}/channels/${channelId}/ws`
  return { alice, guildId, channelId, url, token: home.signIn(alice) }
}

const say = (home: HomeServer, who: Caller, channelId: ChannelId, texts: Iterable<number | string>) =>
  Promise.all([...texts].map((text) => home.messages.send(who, { channelId, sender: '', text: `${text}` }, 'a')))

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
const sequencesOf = (frames: readonly { sequence: number }[]) => frames.map((frame) => frame.sequence)

describe('a channel socket', () => {
  it('gets the newest 50 events, then live ones, without gap or repeat', async () => {
    await using home = await startHome()
    const { alice, channelId, url, token } = await stage(home)
    await say(home, alice, channelId, numbers(1, 60))

    await using socket = await openSocket(url, { token })
    await say(home, alice, channelId, numbers(61, 70))

    expect(sequencesOf(await socket.received(60))).toEqual(numbers(11, 70))
  })

  it('misses nothing of what is posted while it connects', async () => {
    await using home = await startHome()
    const { alice, channelId, url, token } = await stage(home)
    let posted = 0
    const posting = (async () => {
      for (let round = 0; round < 40; round += 1) posted += (await say(home, alice, channelId, numbers(1, 5))).length
    })()

    const sockets = await Promise.all(numbers(1, 8).map(() => openSocket(url, { token })))
    await posting

    for (const socket of sockets) {
      await until(() => socket.frames.at(-1)?.sequence === posted)
      const sequences = sequencesOf(socket.frames)
      expect(sequences).toEqual(numbers(sequences[0] ?? 0, posted))
      await socket[Symbol.asyncDispose]()
    }
  })

  it('gets the stored text of an event as it is, in the frame of the contract', async () => {
    await using home = await startHome()
    const { alice, channelId, url, token } = await stage(home)
    await say(home, alice, channelId, ['hi'])
    const [stored] = home.messages.page(alice.userId, channelId, { limit: 1 })
    const raw = new Promise<string>((resolve) => {
      const ws = new WebSocket(url.replace('http', 'ws'), { headers: { authorization: `Bearer ${token}` } })
      ws.once('message', (data) => {
        resolve(data.toString())
        ws.terminate()
      })
    })

    expect(await raw).toBe(`{"sequence":1,"channel_id":"${channelId}","event":${stored?.body}}`)
  })

  it('goes on after since, however far back that is', async () => {
    await using home = await startHome()
    const { alice, channelId, url, token } = await stage(home)
    await say(home, alice, channelId, numbers(1, 300))

    await using socket = await openSocket(`${url}?since=20`, { token })

    expect(sequencesOf(await socket.received(280))).toEqual(numbers(21, 300))
  })

  it('replays at most the newest thousand after since; the gap shows in the sequence', async () => {
    await using home = await startHome({ rateLimit: { user: 2_000, address: 2_000 } })
    const { alice, channelId, url, token } = await stage(home)
    await say(home, alice, channelId, numbers(1, 1_100))

    await using socket = await openSocket(`${url}?since=0`, { token })

    expect(sequencesOf(await socket.received(1_000))).toEqual(numbers(101, 1_100))
  })

  it('a client that claims to be ahead of the channel still gets what comes', async () => {
    await using home = await startHome()
    const { alice, channelId, url, token } = await stage(home)
    await say(home, alice, channelId, numbers(1, 3))

    await using socket = await openSocket(`${url}?since=999`, { token })
    await say(home, alice, channelId, ['next'])

    expect(sequencesOf(await socket.received(1))).toEqual([4])
  })

  it('hears nothing of other channels', async () => {
    await using home = await startHome()
    const { alice, guildId, channelId, url, token } = await stage(home)
    const other = await home.channels.create(alice, guildId, 'other')
    await using socket = await openSocket(url, { token })

    await say(home, alice, other.channel.id, ['elsewhere'])
    await say(home, alice, channelId, ['here'])

    expect((await socket.received(1)).map((frame) => frame.event.content.content)).toEqual(['here'])
  })

  it('what the client says has no effect, also below /client/v1', async () => {
    await using home = await startHome()
    const { alice, channelId, token } = await stage(home)
    await using socket = await openSocket(`${home.http.url}/client/v1/channels/${channelId}/ws`, { token })

    socket.ws.send(JSON.stringify({ type: 'ping', ts: 1 }))
    socket.ws.send('not json')
    socket.ws.send(Buffer.from([0, 1, 2]))
    const pong = new Promise((resolve) => socket.ws.once('pong', (data) => resolve(data.toString())))
    socket.ws.ping('are you there')

    expect(await pong).toBe('are you there')
    await say(home, alice, channelId, ['x'])
    expect(await socket.received(1)).toHaveLength(1)
  })

  it('closes with 1009 when a client frame is too large', async () => {
    await using home = await startHome()
    const { url, token } = await stage(home)
    await using socket = await openSocket(url, { token })

    socket.ws.send('x'.repeat(5_000))

    expect((await socket.closed).code).toBe(1009)
  })
})

describe('a burst', () => {
  it('of two thousand events reaches fifty sockets complete and in order', async () => {
    await using home = await startHome({
      rateLimit: { user: 5_000, address: 5_000 },
      limits: { ws_max_sockets_per_user: 64 },
    })
    const { alice, channelId, url, token } = await stage(home)
    const sockets = await Promise.all(numbers(1, 50).map(() => openSocket(url, { token })))

    await say(home, alice, channelId, numbers(1, 2_000))

    for (const socket of sockets) {
      expect(sequencesOf(await socket.received(2_000))).toEqual(numbers(1, 2_000))
      await socket[Symbol.asyncDispose]()
    }
  })

  it('closes a socket nobody reads with 1008, and the others get everything', async () => {
    await using home = await startHome({ rateLimit: { user: 9_000, address: 9_000 } })
    const { alice, channelId, url, token } = await stage(home)
    await using reader = await openSocket(url, { token })
    await using sleeper = await openSocket(url, { token })
    sleeper.ws.pause()

    // More than what the kernel buffers for the two ends of a local connection, plus the queue.
    const posted = 1_500
    for (let round = 0; round < posted; round += 50) {
      await say(home, alice, channelId, Array(50).fill('🦀'.repeat(4_000)))
    }
    sleeper.ws.resume()

    const { code, reason } = await sleeper.closed
    expect(code).toBe(1008)
    expect(reason).toMatch(/^lagged by \d+ messages$/)
    expect(sequencesOf(await reader.received(posted))).toEqual(numbers(1, posted))
  })
})

describe('the notification socket', () => {
  it('gets messages of all channels its user may view, replaying nothing', async () => {
    await using home = await startHome()
    const bob = home.account('bob')
    const { alice, channelId } = await stage(home, bob)
    await say(home, alice, channelId, ['before'])
    await using socket = await openSocket(`${home.http.url}/notifications/ws`, { token: home.signIn(bob) })

    await say(home, alice, channelId, ['after'])

    const [frame] = await socket.received(1)
    expect(frame).toMatchObject({ kind: 'channel_message', channel_id: channelId, sequence: 2 })
    expect(frame?.event.content.content).toBe('after')
    expect(frame).not.toHaveProperty('guild_id')
  })

  it('tells of new channels', async () => {
    await using home = await startHome()
    const { alice, guildId, token } = await stage(home)
    await using socket = await openSocket(`${home.http.url}/client/v1/notifications/ws`, { token })

    const { channel } = await home.channels.create(alice, guildId, 'news')

    expect(await socket.received(1)).toEqual([
      {
        kind: 'channel_created',
        channel_id: channel.id,
        guild_id: guildId,
        event: {
          channel_id: channel.id,
          guild_id: guildId,
          name: 'news',
          created_at: new Date(channel.createdAt).toISOString(),
        },
      },
    ])
  })

  it('hears nothing of guilds its user is not in, and everything from the moment they join', async () => {
    await using home = await startHome()
    const { alice, guildId, channelId } = await stage(home)
    const carol = home.account('carol')
    await using socket = await openSocket(`${home.http.url}/notifications/ws`, { token: home.signIn(carol) })

    await say(home, alice, channelId, ['secret'])
    await bring(home, alice, guildId, [carol])
    await say(home, alice, channelId, ['hello carol'])

    const [frame] = await socket.received(1)
    expect(frame?.event.content.content).toBe('hello carol')
  })
})

describe('the end of access', () => {
  it('who leaves the guild loses the socket', async () => {
    await using home = await startHome()
    const bob = home.account('bob')
    const { guildId, url } = await stage(home, bob)
    await using socket = await openSocket(url, { token: home.signIn(bob) })

    await home.members.leave(bob, guildId)

    expect(await socket.closed).toEqual({ code: 4003, reason: 'no longer allowed to view this channel' })
  })

  it('a kicked member hears not even the next message', async () => {
    await using home = await startHome()
    const bob = home.account('bob')
    const { alice, guildId, channelId, url, token } = await stage(home, bob)
    await using socket = await openSocket(url, { token: home.signIn(bob) })
    await using own = await openSocket(url, { token })
    const target = { user_id: bob.userId, server_name: home.self }

    const kick = home.timeline.send({
      guildId,
      eventType: 'member.kick',
      roomId: guildId,
      sender: alice.userId,
      content: { target },
    })
    await Promise.all([kick, say(home, alice, channelId, ['without bob'])])

    expect((await socket.closed).code).toBe(4003)
    expect(socket.frames).toEqual([])
    expect(await own.received(1)).toHaveLength(1)
  })

  it('a deleted channel closes its sockets', async () => {
    await using home = await startHome()
    const { alice, channelId, url, token } = await stage(home)
    await using socket = await openSocket(url, { token })

    await home.channels.delete(alice, channelId)

    expect(await socket.closed).toEqual({ code: 4004, reason: 'channel deleted' })
  })

  it('a revoked session closes its sockets and no others', async () => {
    await using home = await startHome()
    const { alice, channelId, url, token } = await stage(home)
    const otherToken = home.signIn(alice)
    await using socket = await openSocket(url, { token })
    await using other = await openSocket(url, { token: otherToken })

    home.gateway.endSession(token)

    expect(await socket.closed).toEqual({ code: 4002, reason: 'session revoked' })
    await say(home, alice, channelId, ['x'])
    expect(await other.received(1)).toHaveLength(1)
  })

  it('an expired token closes its sockets', async () => {
    await using home = await startHome()
    const { alice, url } = await stage(home)
    await using socket = await openSocket(url, { token: home.signIn(alice, home.clock.now() + 60_000) })

    home.clock.advance(60_000)

    expect(await socket.closed).toEqual({ code: 4001, reason: 'access token expired' })
  })

  it('a stopping node says 1001 and takes no new sockets', async () => {
    await using home = await startHome()
    const { url, token } = await stage(home)
    await using socket = await openSocket(url, { token })

    const stopped = home.gateway.stop()

    expect(await socket.closed).toEqual({ code: 1001, reason: 'server is stopping' })
    await stopped
    expect((await refusedSocket(url, { token })).status).toBe(503)
    expect(home.gateway.openSockets()).toBe(0)
  })
})

describe('a refusal', () => {
  it('is plain HTTP with the headers of every answer', async () => {
    await using home = await startHome()
    const { url } = await stage(home)

    const { status, text, headers } = await refusedSocket(url, { headers: { 'x-request-id': 'abc' } })

    expect([status, text]).toEqual([401, ''])
    expect(headers).toMatchObject({
      'x-request-id': 'abc',
      'x-frame-options': 'DENY',
      'access-control-allow-origin': '*',
    })
    expect(home.rejections).toEqual(['unauthorized'])
  })

  it('the headers are on the 101 too', async () => {
    await using home = await startHome()
    const { url, token } = await stage(home)
    await using socket = await openSocket(url, { token })

    expect(socket.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'access-control-allow-origin': '*' })
    expect(socket.headers['x-request-id']).toBeDefined()
    expect(socket.headers['sec-websocket-extensions']).toBeUndefined()
  })

  it('meets bad tokens, in header and query', async () => {
    await using home = await startHome()
    const { url, token } = await stage(home)

    expect((await refusedSocket(url, { token: 'forged' })).status).toBe(401)
    expect((await refusedSocket(`${url}?access_token=forged`)).status).toBe(401)
    await using socket = await openSocket(`${url}?access_token=${token}`, { token: 'stale' })
    expect(socket.ws.readyState).toBe(WebSocket.OPEN)
  })

  it('unknown channels and those of others look alike', async () => {
    await using home = await startHome()
    const { url } = await stage(home)
    const stranger = home.signIn(home.account('mallory'))
    const nowhere = `${home.http.url}/channels/00000000-0000-4000-8000-000000000000/ws`

    expect(await refusedSocket(url, { token: stranger })).toMatchObject({ status: 404, text: '' })
    expect(await refusedSocket(nowhere, { token: stranger })).toMatchObject({ status: 404, text: '' })
  })

  it('comes when a user, or all together, have too many sockets', async () => {
    await using home = await startHome({ limits: { ws_max_sockets: 3, ws_max_sockets_per_user: 2 } })
    const bob = home.account('bob')
    const { url, token } = await stage(home, bob)
    const open = (as: string) => openSocket(url, { token: as })
    const sockets = [await open(token), await open(token)]

    expect(await refusedSocket(url, { token })).toMatchObject({ status: 429, text: 'connection limit reached' })
    const ofBob = home.signIn(bob)
    sockets.push(await open(ofBob))
    expect(await refusedSocket(url, { token: ofBob })).toMatchObject({ status: 429 })
    expect(home.rejections).toEqual(['websocket_limit', 'websocket_limit'])

    await sockets[0]?.[Symbol.asyncDispose]()
    await until(() => home.gateway.openSockets() === 2)
    sockets.push(await open(ofBob))
    await Promise.all(sockets.map((socket) => socket[Symbol.asyncDispose]()))
  })

  it('meets pages of other origins when the allowed ones are listed', async () => {
    await using home = await startHome({ corsOrigins: ['https://app.example'] })
    const { url, token } = await stage(home)
    const from = (origin: string) => ({ token, headers: { origin } })

    expect((await refusedSocket(url, from('https://evil.example'))).status).toBe(403)
    await using socket = await openSocket(url, from('https://app.example'))
    expect(socket.headers['access-control-allow-origin']).toBe('https://app.example')
  })

  it('meets requests that are no upgrade with 400 and a reason', async () => {
    await using home = await startHome()
    const { url } = await stage(home)

    for (const path of [url, `${home.http.url}/client/v1/notifications/ws`]) {
      const answer = await fetch(path)
      expect(answer.status).toBe(400)
      expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
      expect(await answer.text()).not.toBe('')
    }
  })

  it('a client that vanishes in the middle of the handshake leaves its place', async () => {
    await using home = await startHome()
    const { channelId, token } = await stage(home)
    const raw = connect(home.http.port, '127.0.0.1')
    raw.write(
      `GET /channels/${channelId}/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer ${token}\r\n\r\n`,
      () => raw.resetAndDestroy(),
    )

    await new Promise((resolve) => raw.once('close', resolve))
    await until(() => home.gateway.openSockets() === 0)
  })
})

describe('figures and log', () => {
  it('count what became of events and how many sockets are open', async () => {
    await using home = await startHome()
    const { alice, channelId, url, token } = await stage(home)
    await say(home, alice, channelId, ['nobody listens'])
    await using socket = await openSocket(url, { token })
    await say(home, alice, channelId, ['heard'])
    await socket.received(2)

    const text = await home.figures.text()

    expect(text).toContain('openguild_messaging_events_total{outcome="no_subscribers"} 1')
    expect(text).toContain('openguild_messaging_events_total{outcome="delivered"} 1')
    expect(text).toContain(`openguild_websocket_queue_depth{channel_id="${channelId}"} 0`)
    expect(text).toContain('openguild_websockets_open 1')
  })

  it('the lines of a socket carry its request id and no token', async () => {
    await using home = await startHome()
    const { url, token } = await stage(home)
    await using socket = await openSocket(`${url}?access_token=${token}`, { headers: { 'x-request-id': 'req-7' } })
    socket.ws.close()
    await socket.closed
    await until(() => home.log.lines.some((line) => line.sentence === 'A WebSocket closed'))

    const lines = home.log.lines.filter((line) => line.sentence.startsWith('A WebSocket'))
    expect(lines.map((line) => line.fields.request_id)).toEqual(['req-7', 'req-7'])
    expect(JSON.stringify(lines)).not.toContain(token)
  })
})

import { describe, expect, test } from 'vitest'
import { tokensSchema } from '../../node/api/sessions.ts'
import type { Channel, GuildState } from '../../node/events/state/guild-state.ts'
import { admin } from '../../node/http/guards.ts'
import { empty } from '../../node/http/reply.ts'
import { route } from '../../node/http/route.ts'
import type { SessionEnded } from '../../node/services/ended-sessions.ts'
import { ADMIN_TOKEN, createParts, SERVER_NAME, startAccountServer } from '../kit/account-server.ts'

const HOUR_MS = 60 * 60 * 1000
const DAY_MS = 24 * HOUR_MS
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/

describe('registering', () => {
  test('answers 201 with the id and the trimmed name', async () => {
    await using node = await startAccountServer()

    const response = await node.register('  alice\u0085 ')

    expect(response.status).toBe(201)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toEqual({ user_id: expect.stringMatching(UUID), username: 'alice' })
  })

  const missing = (field: string) => ({ field, message: 'must be provided' })
  const short = { field: 'password', message: 'must be at least 8 characters long' }
  test.each([
    ['a blank name', { username: ' ', password: 'long enough' }, [missing('username')]],
    ['a blank password', { username: 'alice', password: ' \t' }, [missing('password')]],
    ['seven bytes of password', { username: 'alice', password: ' 1234567 ' }, [short]],
    ['both wrong, name first', { username: '', password: 'short' }, [missing('username'), short]],
    [
      'a name longer than events may carry',
      { username: 'x'.repeat(65), password: 'long enough' },
      [{ field: 'username', message: 'must be at most 64 characters long' }],
    ],
  ])('%s is a field error', async (_, body, details) => {
    await using node = await startAccountServer()

    const response = await node.http.post('/users/register', body)

    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ error: 'validation_error', details })
  })

  test('a password counts bytes and a name counts characters', async () => {
    await using node = await startAccountServer()

    expect((await node.register('👩‍🚀'.repeat(21), 'ünïc')).status).toBe(400)
    expect((await node.register('👩'.repeat(64), 'üüüü')).status).toBe(201)
  })

  test('names are exact and unique', async () => {
    await using node = await startAccountServer()
    await node.register('alice')

    const same = await node.register('alice')
    const otherCase = await node.register('Alice')

    expect(same.status).toBe(409)
    expect(await same.json()).toEqual({ error: 'username_taken' })
    expect(otherCase.status).toBe(201)
  })

  test('of two who want one name at once, one gets it', async () => {
    await using node = await startAccountServer()

    const statuses = await Promise.all([node.register('alice'), node.register('alice')])

    expect(statuses.map(({ status }) => status).sort()).toEqual([201, 409])
  })

  test('the first account owns the node and the second does not', async () => {
    await using node = await startAccountServer()
    const alice = await node.signIn('alice')
    const bob = await node.signIn('bob')

    expect(await (await node.http.get('/users/me', alice.access_token)).json()).toMatchObject({ roles: ['owner'] })
    expect(await (await node.http.get('/users/me', bob.access_token)).json()).not.toHaveProperty('roles')
  })

  test('a closed node takes nobody, but its operator still makes accounts', async () => {
    await using node = await startAccountServer({ registration: 'closed' })

    const refused = await node.register('alice')
    await node.accounts.create({ username: 'alice', password: 'correct horse' })

    expect(refused.status).toBe(403)
    expect(await refused.json()).toEqual({ error: 'registration_closed' })
    expect((await node.login('alice')).status).toBe(200)
  })

  test('by invite only whoever shows a valid link gets in', async () => {
    const checkInvite = (link: string) => link === 'openguild://join/good'
    await using node = await startAccountServer({ registration: 'invite', checkInvite })
    const attempt = (invite?: unknown) =>
      node.http.post('/users/register', { username: 'alice', password: 'correct horse', invite })

    expect((await attempt()).status).toBe(403)
    expect((await attempt(null)).status).toBe(403)
    expect(await (await attempt('openguild://join/bad')).json()).toEqual({ error: 'registration_closed' })
    expect((await attempt(' openguild://join/good ')).status).toBe(201)
  })

  test('both path families serve the same accounts', async () => {
    await using node = await startAccountServer()
    await node.http.post('/client/v1/users/register', { username: 'alice', password: 'correct horse' })

    const { access_token } = tokensSchema.parse(await (await node.login('alice')).json())

    expect((await node.http.get('/client/v1/users/me', access_token)).status).toBe(200)
  })
})

describe('signing in', () => {
  test('gives tokens for twelve hours and thirty days', async () => {
    await using node = await startAccountServer()
    await node.register('alice')

    const response = await node.login('alice')

    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]{86}$/),
      access_expires_at: '2026-01-02T15:04:05.123Z',
      refresh_token: expect.stringMatching(/^[\w-]{43}$/),
      refresh_expires_at: '2026-02-01T03:04:05.123Z',
    })
  })

  test('a wrong password and an unknown name look the same', async () => {
    await using node = await startAccountServer()
    await node.register('alice')

    for (const response of [await node.login('alice', 'laptop', 'wrong horse'), await node.login('nobody')]) {
      expect(response.status).toBe(401)
      expect(await response.json()).toEqual({ error: 'invalid_credentials' })
    }
  })

  test('name and password are trimmed', async () => {
    await using node = await startAccountServer()
    await node.register('alice', ' correct horse ')

    expect((await node.login(' alice ', 'laptop', 'correct horse  ')).status).toBe(200)
  })

  const missing = (field: string) => ({ field, message: 'must be provided' })
  const device = { device_id: 'laptop' }
  test.each([
    ['a blank identifier', { identifier: ' ', secret: 'x', device }, ['identifier']],
    ['a blank secret', { identifier: 'alice', secret: '', device }, ['secret']],
    ['no device', { identifier: 'alice', secret: 'x' }, ['device']],
    ['a null device', { identifier: 'alice', secret: 'x', device: null }, ['device']],
    ['a blank device id', { identifier: 'alice', secret: 'x', device: { device_id: ' ' } }, ['device.device_id']],
    ['all at once, in order', { identifier: '', secret: '' }, ['identifier', 'secret', 'device']],
  ])('%s is a field error', async (_, body, fields) => {
    await using node = await startAccountServer()

    const response = await node.http.post('/sessions/login', body)

    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ error: 'validation_error', details: fields.map(missing) })
  })

  test('a second login on the same device replaces the first', async () => {
    await using node = await startAccountServer()
    const first = await node.signIn('alice')
    const ended: SessionEnded[] = []
    node.ended.onEnded((session) => ended.push(session))

    const second = tokensSchema.parse(await (await node.login('alice')).json())

    expect((await node.http.get('/users/me', first.access_token)).status).toBe(401)
    expect((await node.http.get('/users/me', second.access_token)).status).toBe(200)
    expect((await refresh(node, first.refresh_token)).status).toBe(401)
    expect(ended).toMatchObject([{ deviceId: 'laptop', reason: 'replaced' }])
  })
})

describe('the login limit', () => {
  test('failures for a name are answered 429 until the window is over', async () => {
    await using node = await startAccountServer({ attemptsPerWindow: 3 })
    await node.register('alice')
    for (let attempt = 0; attempt < 3; attempt += 1) await node.login('alice', 'laptop', 'wrong horse')

    const limited = await node.login('alice')
    node.clock.advance(59_999)
    const stillLimited = await node.login('alice')
    node.clock.advance(1)
    const allowed = await node.login('alice')

    expect(limited.status).toBe(429)
    expect(limited.headers.get('retry-after')).toBe('60')
    expect(await limited.json()).toEqual({ error: 'rate_limited' })
    expect(stillLimited.headers.get('retry-after')).toBe('1')
    expect(allowed.status).toBe(200)
  })

  test('an address cannot try one name after the other', async () => {
    await using node = await startAccountServer({ attemptsPerWindow: 3 })
    const attempt = (name: string, address: string) =>
      node.http.fetch('/sessions/login', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
        body: JSON.stringify({ identifier: name, secret: 'guess', device: { device_id: 'x' } }),
      })
    for (const name of ['a', 'b', 'c']) await attempt(name, '203.0.113.5')

    expect((await attempt('d', '203.0.113.5')).status).toBe(429)
    expect((await attempt('d', '203.0.113.6')).status).toBe(401)
  })

  test('logins that succeed are not counted', async () => {
    await using node = await startAccountServer({ attemptsPerWindow: 2 })
    await node.register('alice')

    const logins = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((device) => node.login('alice', device)))

    expect(logins.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
  })

  test('guesses sent all at once are no way around it', async () => {
    await using node = await startAccountServer({ attemptsPerWindow: 3 })
    await node.register('alice')

    const guesses = await Promise.all(Array.from({ length: 20 }, () => node.login('alice', 'x', 'wrong horse')))

    const judged = guesses.filter(({ status }) => status === 401)
    expect(judged.length).toBeLessThanOrEqual(4)
    expect(guesses.filter(({ status }) => status === 429)).toHaveLength(20 - judged.length)
  })
})

type Node = Awaited<ReturnType<typeof startAccountServer>>
const refresh = (node: Node, token: string) => node.http.post('/sessions/refresh', { refresh_token: token })
const revoke = (node: Node, token: string) => node.http.post('/sessions/revoke', { refresh_token: token })

describe('refreshing', () => {
  test('gives new tokens, and the access token before goes on to its own end', async () => {
    await using node = await startAccountServer()
    const before = await node.signIn('alice')
    node.clock.advance(HOUR_MS)

    const response = await refresh(node, before.refresh_token)

    const after = tokensSchema.parse(await response.json())
    expect(response.status).toBe(200)
    expect(after.refresh_token).not.toBe(before.refresh_token)
    expect(after).toMatchObject({
      access_expires_at: '2026-01-02T16:04:05.123Z',
      refresh_expires_at: '2026-02-01T04:04:05.123Z',
    })
    expect((await node.http.get('/users/me', before.access_token)).status).toBe(200)
    expect((await node.http.get('/users/me', after.access_token)).status).toBe(200)
  })

  test('a spent token signs its device out and is logged as a security event', async () => {
    await using node = await startAccountServer()
    const first = await node.signIn('alice')
    const second = tokensSchema.parse(await (await refresh(node, first.refresh_token)).json())
    const ended: SessionEnded[] = []
    node.ended.onEnded((session) => ended.push(session))

    const reused = await refresh(node, first.refresh_token)

    expect(reused.status).toBe(401)
    expect(await reused.json()).toEqual({ error: 'invalid_refresh_token' })
    expect((await refresh(node, second.refresh_token)).status).toBe(401)
    expect((await node.http.get('/users/me', second.access_token)).status).toBe(401)
    expect(ended).toMatchObject([{ deviceId: 'laptop', reason: 'reused' }])
    const warning = node.log.lines.find(({ fields }) => fields['security'] === 'refresh_token_reused')
    expect(warning).toMatchObject({ level: 'warn', fields: { device_id: 'laptop' } })
    expect(JSON.stringify(node.log.lines)).not.toContain(first.refresh_token)
  })

  test('signing one device out by reuse leaves the others signed in', async () => {
    await using node = await startAccountServer()
    const laptop = await node.signIn('alice', 'laptop')
    const phone = await node.signIn('alice', 'phone')
    await refresh(node, laptop.refresh_token)

    await refresh(node, laptop.refresh_token)

    expect((await refresh(node, phone.refresh_token)).status).toBe(200)
  })

  test.each([
    ['an unknown token', '9f2b6c1d'],
    ['a token of the original', 'nytsHU5fSnuMnQ4fKjtMXQ'],
    ['no base64 at all', '%%%'],
  ])('%s is refused', async (_, token) => {
    await using node = await startAccountServer()

    const response = await refresh(node, token)

    expect(response.status).toBe(401)
    expect(await response.json()).toEqual({ error: 'invalid_refresh_token' })
  })

  test('a blank token is a field error for refresh and revoke', async () => {
    await using node = await startAccountServer()

    for (const response of [await refresh(node, ' '), await revoke(node, '')]) {
      expect(response.status).toBe(400)
      expect(await response.json()).toEqual({
        error: 'validation_error',
        details: [{ field: 'refresh_token', message: 'must be provided' }],
      })
    }
  })

  test('ends after thirty days, counted from the last refresh', async () => {
    await using node = await startAccountServer()
    const first = await node.signIn('alice')
    node.clock.advance(29 * DAY_MS)
    const second = tokensSchema.parse(await (await refresh(node, first.refresh_token)).json())
    node.clock.advance(30 * DAY_MS)

    expect((await refresh(node, second.refresh_token)).status).toBe(401)
  })
})

describe('signing out', () => {
  test('is 204 with an empty body, known token or not', async () => {
    await using node = await startAccountServer()
    const { refresh_token } = await node.signIn('alice')

    for (const token of [refresh_token, refresh_token, 'never seen']) {
      const response = await revoke(node, token)
      expect(response.status).toBe(204)
      expect(await response.text()).toBe('')
    }
    expect((await refresh(node, refresh_token)).status).toBe(401)
  })

  test('ends access tokens at once, also across a restart', async () => {
    await using node = await startAccountServer()
    const { access_token, refresh_token } = await node.signIn('alice')

    await revoke(node, refresh_token)

    expect((await node.http.get('/users/me', access_token)).status).toBe(401)
    const restarted = createParts(node.database.reopen(), node)
    expect(restarted.sessions.authenticate(access_token)).toBeUndefined()
  })

  test('sessions outlive a restart', async () => {
    await using node = await startAccountServer()
    const { access_token, refresh_token } = await node.signIn('alice')

    const restarted = createParts(node.database.reopen(), node)

    expect(restarted.sessions.authenticate(access_token)).toMatchObject({ username: 'alice' })
    await expect(restarted.sessions.refresh(refresh_token)).resolves.toBeDefined()
  })

  test('what ended is forgotten when its last access token has expired', async () => {
    await using node = await startAccountServer()
    const alice = await node.signIn('alice')
    const bob = await node.signIn('bob')
    await revoke(node, alice.refresh_token)
    node.clock.advance(12 * HOUR_MS)

    await revoke(node, bob.refresh_token)

    const rows = node.database.db.read((tx) => tx.all('SELECT session_id FROM ended_sessions'))
    expect(rows).toHaveLength(1)
  })

  test('the stored token is a hash', async () => {
    await using node = await startAccountServer()
    const { refresh_token } = await node.signIn('alice')

    const rows = node.database.db.read((tx) => tx.all('SELECT * FROM devices'))

    expect(rows).toMatchObject([{ refresh_hash: expect.stringMatching(/^[0-9a-f]{64}$/) }])
    expect(JSON.stringify(rows)).not.toContain(refresh_token)
  })
})

describe('devices', () => {
  const loginFrom = (node: Node, device: object, headers: Record<string, string> = {}) =>
    node.http.fetch('/sessions/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'test/1', ...headers },
      body: JSON.stringify({ identifier: 'alice', secret: 'correct horse', device }),
    })

  test('are listed with the last used first', async () => {
    await using node = await startAccountServer()
    await node.register('alice')
    await loginFrom(node, { device_id: 'phone', device_name: ' Phone ', ip_address: '192.0.2.1' })
    node.clock.advance(1000)
    const response = await loginFrom(
      node,
      { device_id: 'laptop', device_name: ' ' },
      { 'x-forwarded-for': '203.0.113.5' },
    )
    const { access_token } = tokensSchema.parse(await response.json())

    const devices = await node.http.get('/sessions/devices', access_token)

    expect(await devices.json()).toEqual([
      {
        device_id: 'laptop',
        device_name: null,
        last_seen_at: '2026-01-02T03:04:06.123Z',
        ip_address: '203.0.113.5',
        user_agent: 'test/1',
        current: true,
      },
      {
        device_id: 'phone',
        device_name: 'Phone',
        last_seen_at: '2026-01-02T03:04:05.123Z',
        ip_address: '192.0.2.1',
        user_agent: 'test/1',
        current: false,
      },
    ])
  })

  test('a device signed out by another loses its session', async () => {
    await using node = await startAccountServer()
    const laptop = await node.signIn('alice', 'laptop')
    const phone = await node.signIn('alice', 'my/phone')
    const remove = () =>
      node.http.fetch(`/sessions/devices/${encodeURIComponent('my/phone')}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${laptop.access_token}` },
      })

    const removed = await remove()
    const again = await remove()

    expect(removed.status).toBe(204)
    expect((await node.http.get('/users/me', phone.access_token)).status).toBe(401)
    expect((await refresh(node, phone.refresh_token)).status).toBe(401)
    expect(again.status).toBe(404)
    expect(await again.json()).toEqual({ error: 'not_found', message: 'There is no such device' })
  })

  test("nobody sees or ends another user's devices", async () => {
    await using node = await startAccountServer()
    const alice = await node.signIn('alice', 'laptop')
    const bob = await node.signIn('bob', 'tablet')

    const removed = await node.http.fetch('/sessions/devices/laptop', {
      method: 'DELETE',
      headers: { authorization: `Bearer ${bob.access_token}` },
    })

    expect(removed.status).toBe(404)
    expect(await (await node.http.get('/sessions/devices', bob.access_token)).json()).toHaveLength(1)
    expect((await node.http.get('/users/me', alice.access_token)).status).toBe(200)
  })
})

describe('the profile', () => {
  test('holds what is known and leaves out what is empty', async () => {
    await using node = await startAccountServer()
    await node.signIn('first')
    const { access_token } = await node.signIn('alice')

    const profile = await (await node.http.get('/users/me', access_token)).json()

    expect(profile).toEqual({
      user_id: expect.stringMatching(UUID),
      username: 'alice',
      display_name: 'alice',
      server_name: SERVER_NAME,
      created_at: '2026-01-02T03:04:05.123Z',
      updated_at: '2026-01-02T03:04:05.123Z',
    })
  })

  test('lists guilds and channels', async () => {
    // Only what the profile shows of them.
    const guild = { guildId: 'g', name: 'Guild' } as unknown as GuildState
    const channel = { id: 'c', name: 'general' } as unknown as Channel
    await using node = await startAccountServer({
      memberships: {
        guilds: () => [{ guild, role: 'member', joinedAt: 1000 }],
        channels: (_, roles) => [
          { guild, channel, role: 'member', effectiveRole: roles[0] ?? 'member', joinedAt: 2500 },
        ],
      },
    })
    const { access_token } = await node.signIn('alice')

    const profile = await (await node.http.get('/users/me', access_token)).json()

    expect(profile).toMatchObject({
      guilds: [{ guild_id: 'g', name: 'Guild', role: 'member', joined_at: '1970-01-01T00:00:01Z' }],
      channels: [
        {
          channel_id: 'c',
          guild_id: 'g',
          name: 'general',
          role: 'member',
          effective_role: 'owner',
          joined_at: '1970-01-01T00:00:02.500Z',
        },
      ],
    })
  })

  test('a list that cannot be read is left out', async () => {
    await using node = await startAccountServer({
      memberships: {
        guilds: () => {
          throw new Error('no guilds today')
        },
        channels: () => [],
      },
    })
    const { access_token } = await node.signIn('alice')

    const response = await node.http.get('/users/me', access_token)

    expect(response.status).toBe(200)
    expect(await response.json()).not.toHaveProperty('guilds')
    expect(node.log.lines).toContainEqual(expect.objectContaining({ level: 'error' }))
  })

  test('a user of another server with the same key is shown by id', async () => {
    await using node = await startAccountServer()
    const userId = 'ec7c5138-ee1a-4112-95ef-e53514b670c2'
    const { token } = node.accessTokens.issue({
      sessionId: crypto.randomUUID(),
      userId: userId as never,
      username: 'eve',
    })

    const response = await node.http.get('/users/me', token)

    expect(await response.json()).toEqual({
      user_id: userId,
      username: userId,
      display_name: userId,
      server_name: SERVER_NAME,
    })
  })
})

describe('an access token', () => {
  test('ends exactly at its time, whatever the skew of the client', async () => {
    await using node = await startAccountServer()
    const { access_token } = await node.signIn('alice')

    node.clock.advance(12 * HOUR_MS - 1)
    expect((await node.http.get('/users/me', access_token)).status).toBe(200)
    node.clock.advance(1)
    expect((await node.http.get('/users/me', access_token)).status).toBe(401)
  })

  test('issued by a clock ahead of ours counts', async () => {
    await using node = await startAccountServer()
    node.clock.advance(6 * HOUR_MS)
    const { access_token } = await node.signIn('alice')

    node.clock.advance(-6 * HOUR_MS)

    expect((await node.http.get('/users/me', access_token)).status).toBe(200)
  })

  test.each([
    ['no header', undefined, 401],
    ['another scheme', 'Basic abc', 401],
    ['upper case scheme', 'BEARER {token}', 401],
    ['lower case scheme', 'bearer {token}', 200],
    ['blanks around the token', 'Bearer   {token}  ', 200],
    ['a padded token', 'Bearer {token}=', 401],
    ['a token cut short', 'Bearer e30.e30', 401],
  ])('%s', async (_, header, status) => {
    await using node = await startAccountServer()
    const { access_token } = await node.signIn('alice')
    const headers: Record<string, string> = header ? { authorization: header.replace('{token}', access_token) } : {}

    const response = await node.http.fetch('/users/me', { headers })

    expect(response.status).toBe(status)
    if (status === 401) expect(await response.text()).toBe('')
  })
})

const ping = route({
  method: 'GET',
  path: '/admin/v1/ping',
  family: 'root',
  tag: 'Admin',
  summary: 'Am I an admin?',
  auth: admin,
  response: { status: 204 },
  errors: [],
  errorStyle: 'detailed',
  handler: () => empty(204),
})

test('the admin token and sessions of owners are admins, other sessions are not', async () => {
  await using node = await startAccountServer({ routes: [ping] })
  const owner = await node.signIn('owner')
  const other = await node.signIn('other')

  const statuses = await Promise.all(
    [ADMIN_TOKEN, owner.access_token, other.access_token, 'guess'].map(async (token) => {
      const { status } = await node.http.get('/admin/v1/ping', token)
      return status
    }),
  )

  expect(statuses).toEqual([204, 204, 401, 401])
})

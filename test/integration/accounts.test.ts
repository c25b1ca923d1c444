import { describe, expect, test } from 'vitest'
import { tokensSchema } from '../../node/api/sessions.ts'
import type { Channel, GuildState } from '../../node/events/state/guild-state.ts'
import { type AccountServer, SERVER_NAME, startAccountServer } from '../kit/account-server.ts'

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

describe('registering from another computer', () => {
  const registerFrom = (node: AccountServer, address: string, username: string) =>
    node.http.fetch('/users/register', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
      body: JSON.stringify({ username, password: 'correct horse' }),
    })

  test('too often is 429 until the window is over, also when nothing comes of it', async () => {
    await using node = await startAccountServer({ registration: 'invite', attemptsPerWindow: 2 })
    const guess = () => registerFrom(node, '203.0.113.5', 'alice')

    expect((await guess()).status).toBe(403)
    expect((await guess()).status).toBe(403)
    const refused = await guess()
    expect([refused.status, await refused.json()]).toEqual([429, { error: 'rate_limited' }])
    expect(refused.headers.get('retry-after')).toBe('60')
    expect((await registerFrom(node, '203.0.113.6', 'alice')).status).toBe(403)
    node.clock.advance(60_000)
    expect((await guess()).status).toBe(403)
  })

  test('leaves those at this computer alone', async () => {
    await using node = await startAccountServer({ attemptsPerWindow: 1 })

    expect((await node.register('alice')).status).toBe(201)
    expect((await node.register('bob')).status).toBe(201)
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

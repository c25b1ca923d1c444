import { describe, expect, test } from 'vitest'
import { tokensSchema } from '../../node/api/sessions.ts'
import type { SessionEnded } from '../../node/services/ended-sessions.ts'
import { startAccountServer } from '../kit/account-server.ts'

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
    expect((await node.http.post('/sessions/refresh', { refresh_token: first.refresh_token })).status).toBe(401)
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

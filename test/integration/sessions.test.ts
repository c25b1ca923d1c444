import { describe, expect, test } from 'vitest'
import { tokensSchema } from '../../node/api/sessions.ts'
import type { SessionEnded } from '../../node/services/ended-sessions.ts'
import { type AccountServer, createParts, startAccountServer } from '../kit/account-server.ts'

const HOUR_MS = 60 * 60 * 1000
const DAY_MS = 24 * HOUR_MS

const refresh = (node: AccountServer, token: string) => node.http.post('/sessions/refresh', { refresh_token: token })
const revoke = (node: AccountServer, token: string) => node.http.post('/sessions/revoke', { refresh_token: token })

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

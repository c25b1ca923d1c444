import { describe, expect, test } from 'vitest'
import { tokensSchema } from '../../node/api/sessions.ts'
import { type AccountServer, startAccountServer } from '../kit/account-server.ts'

const refresh = (node: AccountServer, token: string) => node.http.post('/sessions/refresh', { refresh_token: token })

describe('devices', () => {
  const loginFrom = (node: AccountServer, device: object, headers: Record<string, string> = {}) =>
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

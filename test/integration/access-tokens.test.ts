import { describe, expect, test } from 'vitest'
import { admin } from '../../node/http/guards.ts'
import { empty } from '../../node/http/reply.ts'
import { route } from '../../node/http/route.ts'
import { ADMIN_TOKEN, startAccountServer } from '../kit/account-server.ts'

const HOUR_MS = 60 * 60 * 1000

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
    ['without one', ''],
    ['in another scheme', 'Basic abc'],
    ['in an upper-case scheme', 'BEARER {token}'],
    ['with padding', 'Bearer {token}='],
    ['cut short', 'Bearer e30.e30'],
  ])('%s is 401 with an empty body', async (_, header) => {
    await using node = await startAccountServer()
    const { access_token } = await node.signIn('alice')
    const headers = { authorization: header.replace('{token}', access_token) }

    const response = await node.http.fetch('/users/me', { headers })

    expect(response.status).toBe(401)
    expect(await response.text()).toBe('')
    expect(response.headers.has('www-authenticate')).toBe(false)
  })

  test.each([
    ['in lower case', 'bearer {token}'],
    ['with blanks around', 'Bearer   {token}  '],
  ])('%s counts', async (_, header) => {
    await using node = await startAccountServer()
    const { access_token } = await node.signIn('alice')
    const headers = { authorization: header.replace('{token}', access_token) }

    expect((await node.http.fetch('/users/me', { headers })).status).toBe(200)
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

  expect(statuses).toEqual([204, 204, 403, 401])
})

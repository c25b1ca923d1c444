import { describe, expect, test } from 'vitest'
import { type AccountServer, startAccountServer } from '../kit/account-server.ts'
import { rawRequest } from '../kit/rule-server.ts'

const ACCOUNT = { username: 'alice', password: 'correct horse' }
const LOGIN = { identifier: 'alice', secret: 'correct horse', device: { device_id: 'laptop' } }

const postFrom = (node: AccountServer, origin: string, path: string, body: unknown) =>
  node.http.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify(body),
  })

describe('a page somebody merely visits', () => {
  test.each(['https://evil.example', 'http://localhost.evil.example', 'null'])(
    'of %s makes no account and does not sign in',
    async (origin) => {
      await using node = await startAccountServer()

      const registered = await postFrom(node, origin, '/users/register', ACCOUNT)
      const below = await postFrom(node, origin, '/client/v1/users/register', ACCOUNT)
      await node.register('alice')
      const login = await postFrom(node, origin, '/sessions/login', LOGIN)

      expect([registered.status, await registered.json()]).toEqual([403, { error: 'forbidden' }])
      expect(below.status).toBe(403)
      expect([login.status, await login.json()]).toEqual([403, { error: 'forbidden' }])
      expect(node.accounts.list()).toHaveLength(1)
    },
  )
})

describe('pages that may make accounts and sign in are', () => {
  test.each([
    ['those of this computer', 'http://localhost:3000', []],
    ['those of this computer by address', 'http://127.0.0.1:5173', []],
    ['those the owner of the node lists', 'https://app.example', ['https://app.example']],
    ['all, when the owner says so', 'https://anywhere.example', ['*']],
  ])('%s', async (_, origin, corsOrigins) => {
    await using node = await startAccountServer({ config: { corsOrigins } })

    expect((await postFrom(node, origin, '/users/register', ACCOUNT)).status).toBe(201)
    expect((await postFrom(node, origin, '/sessions/login', LOGIN)).status).toBe(200)
  })

  test('those of the node itself, by whatever name it is reached', async () => {
    await using node = await startAccountServer({ config: { host: '127.0.0.1', allowedHosts: ['guild.example'] } })
    const headers = { host: 'guild.example', origin: 'https://guild.example', 'content-type': 'application/json' }

    const answer = await rawRequest(node.http, '/users/register', {
      method: 'POST',
      headers,
      body: JSON.stringify(ACCOUNT),
    })

    expect(answer.statusCode).toBe(201)
  })
})

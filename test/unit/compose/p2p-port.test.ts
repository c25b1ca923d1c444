import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { createKeptPort } from '../../../node/compose/p2p-port.ts'
import { parseConfig } from '../../../node/config/parse.ts'
import { openTestDatabase } from '../../kit/database.ts'

const configWith = (p2p: object) => parseConfig({ p2p: { lan: false, ...p2p } }).config

test('a port found free at the first start is used again', async () => {
  await using opened = await openTestDatabase()
  const first = createKeptPort(configWith({}), opened.db)
  expect(await first.listen()).toEqual(['/ip4/127.0.0.1/tcp/0'])
  first.keep(['/ip4/127.0.0.1/tcp/40123/p2p/12D3KooX'])

  expect(await createKeptPort(configWith({}), opened.db).listen()).toEqual(['/ip4/127.0.0.1/tcp/40123'])
})

test('a kept port that another program took is given up', async () => {
  await using opened = await openTestDatabase()
  const other = createServer().listen(0)
  await once(other, 'listening')
  const { port } = Object(other.address())
  createKeptPort(configWith({}), opened.db).keep([`/ip4/127.0.0.1/tcp/${port}`])

  expect(await createKeptPort(configWith({}), opened.db).listen()).toEqual(['/ip4/127.0.0.1/tcp/0'])
  other.close()
})

test('a port of the configuration is neither replaced nor kept', async () => {
  await using opened = await openTestDatabase()
  const given = createKeptPort(configWith({ port: 4001 }), opened.db)
  given.keep(['/ip4/127.0.0.1/tcp/4001'])

  expect(await given.listen()).toEqual(['/ip4/127.0.0.1/tcp/4001'])
  expect(await createKeptPort(configWith({}), opened.db).listen()).toEqual(['/ip4/127.0.0.1/tcp/0'])
})

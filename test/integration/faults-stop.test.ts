import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, signUp } from '../kit/client.ts'
import { createMachines, type Machines } from '../kit/machines.ts'
import type { ProcessNode } from '../kit/process-node.ts'

let machines: Machines
let node: ProcessNode
let alice: Client
let channelId: string

beforeAll(async () => {
  machines = createMachines()
  node = await machines.start('node')
  alice = await signUp(node.address, 'alice')
  const { guild_id: guildId } = await alice.createGuild('Harbour')
  channelId = (await alice.createChannel(guildId, 'general')).channel_id
})

afterAll(() => machines[Symbol.asyncDispose]())

/** A POST whose body is not all there yet. */
async function halfRequest(text: string) {
  const body = JSON.stringify({ sender: '', content: text })
  const request = httpRequest(`${node.address()}/channels/${channelId}/messages`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      authorization: `Bearer ${alice.token()}`,
    },
  })
  request.on('error', () => {})
  request.write(body.slice(0, 10))
  await once(request, 'socket')
  // Answered on another connection after it: the half one has arrived, too.
  await alice.guilds()
  return { request, finish: () => request.end(body.slice(10)) }
}

/** Until the node says that it has heard the signal. */
async function untilStopping(since: number): Promise<void> {
  while (!node.output().slice(since).includes('Stopping')) await new Promise((resolve) => setImmediate(resolve))
}

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  it('finishes requests, closes sockets with 1001, keeps all it acknowledged and exits 0 within 5 s', async () => {
    const socket = await alice.listen(channelId)
    const half = await halfRequest(`finished under ${signal}`)
    const acknowledged: string[] = []
    const writer = (async () => {
      for (;;) {
        const sent = await alice.post(channelId, 'under way').catch(() => undefined)
        if (sent === undefined) return
        acknowledged.push(sent.event_id)
      }
    })()
    const since = node.output().length

    const stopped = node.stop(signal)
    await untilStopping(since)
    half.finish()
    const [response] = await once(half.request, 'response')
    response.resume()
    const exit = await stopped
    await writer

    expect(exit).toMatchObject({ code: 0, signal: null })
    expect(response.statusCode).toBe(200)
    expect((await socket.closed).code).toBe(1001)
    for (const left of ['node.pid', 'api-address', 'openguild.db-wal']) {
      expect(existsSync(join(node.dataDir, left))).toBe(false)
    }
    const stoppedAt = node.output().length
    await node.start()
    const history = await alice.history(channelId)
    expect(history.map(({ text }) => text)).toContain(`finished under ${signal}`)
    expect(new Set(acknowledged).difference(new Set(history.map(({ eventId }) => eventId)))).toEqual(new Set())
    expect(node.output().slice(stoppedAt)).not.toMatch(/unclean/)
  })

  it('twice exits at once', async () => {
    const half = await halfRequest('never finished')
    const since = node.output().length
    const ended = node.exited()

    node.signal(signal)
    await untilStopping(since)
    const asked = performance.now()
    node.signal(signal)
    const { code } = await ended

    expect(code).toBe(signal === 'SIGINT' ? 130 : 143)
    expect(performance.now() - asked).toBeLessThan(500)
    half.request.destroy()
    await node.start()
  })
})

it('a client that never finishes its request does not keep the node from stopping', async () => {
  const { hostname, port } = new URL(node.address())
  const stuck = connect(Number(port), hostname)
  stuck.on('error', () => {})
  stuck.write(`POST /sessions/login HTTP/1.1\r\nhost: ${hostname}\r\ncontent-length: 1000\r\n\r\n{`)
  await alice.guilds()

  const { code } = await node.stop()

  expect(code).toBe(0)
  await node.start()
})

it('a node that is told to stop while it starts exits 0', async () => {
  const early = machines.add('early')
  const starting = early.start().catch(() => undefined)
  while (!existsSync(join(early.dataDir, 'node.pid'))) await new Promise((resolve) => setImmediate(resolve))

  const { code } = await early.stop()

  await starting
  expect(code).toBe(0)
})

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../../node/base/errors.ts'
import type { ChannelId } from '../../../node/base/ids.ts'
import { silentLogger } from '../../../node/base/log.ts'
import { createHttpFederation, type HttpAnswer } from '../../../node/federation/http.ts'
import { testNode } from '../../kit/test-node.ts'

interface Vectors {
  keys: { server_name: string; key_id: string; verifying_key_base64url: string }[]
  examples: { name: string; wire_json: string; event_id: string }[]
}

const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/canonical-events-v1.json', import.meta.url), 'utf8'),
) as Vectors

const CHANNEL = '3b7f3e93-7c9c-47f5-91d3-cbf09dc5a8f6' as ChannelId
const ALPHA = 'alpha.example.org'

const trustAll = vectors.keys.map((key) => ({
  server_name: key.server_name,
  key_id: key.key_id,
  verifying_key: key.verifying_key_base64url,
}))

function example(name: string) {
  const found = vectors.examples.find((candidate) => candidate.name === name)
  if (found === undefined) throw new Error(`There is no example ${name}`)
  return found
}

interface Options {
  trustedServers?: typeof trustAll
  isFull?: boolean
  hasChannel?: boolean
  stored?: string[]
}

/** A node with one channel, unless told otherwise. */
function setUp({ trustedServers = trustAll, isFull = false, hasChannel = true, stored = [] }: Options = {}) {
  const node = testNode('home')
  const adopted: string[] = []
  const http = createHttpFederation({
    self: node.serverName,
    timeline: {
      guildOfChannel: (id) => (hasChannel && id === CHANNEL ? ('guild' as never) : undefined),
      page: (_id, { limit }) => stored.slice(0, limit).map((body, index) => ({ body, sequence: index + 1 }) as never),
    },
    async adopt(_channelId, event) {
      if (isFull) throw new AppError('storage_full', 'the disk is full')
      adopted.push(event.eventId)
    },
    statement: node.ownStatement,
    trustedServers,
    log: silentLogger,
  })
  return { http, adopted }
}

const transaction = (origin: string, ...events: string[]) =>
  `{"origin":${JSON.stringify(origin)},"pdus":[${events.join()}]}`
const bodyOf = (answer: HttpAnswer): unknown => JSON.parse(answer.text)

const message = example('unicode-message')
const linked = example('nested-unsorted-linked')

describe('POST /federation/transactions', () => {
  it('takes genuine events of a trusted server', async () => {
    const { http, adopted } = setUp()

    const answer = await http.receive(transaction(ALPHA, message.wire_json, linked.wire_json))

    expect(answer.status).toBe(202)
    const accepted = [message.event_id, linked.event_id]
    expect(bodyOf(answer)).toEqual({ origin: ALPHA, accepted, rejected: [], disabled: false })
    expect(adopted).toEqual(accepted)
  })

  it('says 207 when some are taken, and why the others are not', async () => {
    const { http } = setUp()
    const forged = linked.wire_json.replace('"n":-42', '"n":-43')

    const answer = await http.receive(transaction(ALPHA, forged, message.wire_json))

    expect(answer.status).toBe(207)
    expect(bodyOf(answer)).toMatchObject({
      accepted: [message.event_id],
      rejected: [{ event_id: linked.event_id, reason: expect.stringContaining('event_id') }],
    })
  })

  it.each([
    { what: 'an unknown server', origin: 'gamma.example.org', reason: 'trusted' },
    { what: 'an event of another server', origin: 'beta.example.org', reason: 'origin' },
  ])('says 400 to $what', async ({ origin, reason }) => {
    const { http, adopted } = setUp()

    const answer = await http.receive(transaction(origin, message.wire_json))

    expect(answer.status).toBe(400)
    expect(bodyOf(answer)).toMatchObject({ rejected: [{ reason: expect.stringContaining(reason) }] })
    expect(adopted).toEqual([])
  })

  it('an event for a channel that is not here is a failed delivery', async () => {
    const { http } = setUp({ hasChannel: false })

    const answer = await http.receive(transaction(ALPHA, message.wire_json))

    expect(answer.status).toBe(400)
    expect(bodyOf(answer)).toMatchObject({ rejected: [{ reason: expect.stringMatching(/^delivery failed: /) }] })
  })

  it('a full disk is a failed delivery, not a fault', async () => {
    const { http } = setUp({ isFull: true })

    const answer = await http.receive(transaction(ALPHA, message.wire_json))

    expect(answer.status).toBe(400)
    expect(bodyOf(answer)).toMatchObject({ rejected: [{ reason: 'delivery failed: the disk is full' }] })
  })

  it('nothing to deliver is accepted, even from an unknown server', async () => {
    const { http } = setUp()

    expect((await http.receive('{"origin":"who.example.org"}')).status).toBe(202)
  })

  it('without trusted servers federation is off', async () => {
    const { http } = setUp({ trustedServers: [] })

    const answer = await http.receive(transaction(ALPHA, message.wire_json))

    expect(answer.status).toBe(501)
    expect(bodyOf(answer)).toEqual({ origin: ALPHA, accepted: [], rejected: [], disabled: true })
  })

  it('one event that does not decode spoils the whole transaction', async () => {
    const { http, adopted } = setUp()

    const answer = await http.receive(transaction(ALPHA, message.wire_json, '{"event_id":1}'))

    expect(answer).toMatchObject({ status: 422, contentType: 'text/plain' })
    expect(adopted).toEqual([])
    expect(await http.receive('{')).toMatchObject({ status: 400, contentType: 'text/plain' })
  })
})

describe('GET /federation/channels/{channel_id}/events', () => {
  const numbers = example('numbers').wire_json

  it('gives the events as they were signed, number tokens included', () => {
    const { http } = setUp({ stored: [numbers] })

    const answer = http.listEvents(CHANNEL, ` ${ALPHA} `, { limit: 50 })

    expect(answer.status).toBe(200)
    expect(answer.text).toContain(numbers)
    expect(bodyOf(answer)).toMatchObject({ channel_id: CHANNEL, events: [{ sequence: 1, channel_id: CHANNEL }] })
  })

  it.each([
    { header: undefined, status: 401 },
    { header: '  ', status: 401 },
    { header: 'gamma.example.org', status: 403 },
  ])('says $status to the origin $header', ({ header, status }) => {
    const { http } = setUp({ stored: [numbers] })

    const answer = http.listEvents(CHANNEL, header, { limit: 50 })

    expect(answer.status).toBe(status)
    expect(bodyOf(answer)).toMatchObject({ events: [] })
  })

  it('says 501 without trusted servers', () => {
    const { http } = setUp({ trustedServers: [] })

    expect(http.listEvents(CHANNEL, ALPHA, { limit: 50 }).status).toBe(501)
  })

  it.each([0, -5])('a limit of %i means one event', (limit) => {
    const { http } = setUp({ stored: [numbers, numbers] })

    expect(bodyOf(http.listEvents(CHANNEL, ALPHA, { limit }))).toMatchObject({ events: [{ sequence: 1 }] })
  })
})

describe('GET /federation/keys', () => {
  it('gives the key statement of this node', () => {
    const { http } = setUp()

    expect(bodyOf(http.keys())).toEqual(testNode('home').ownStatement)
  })
})

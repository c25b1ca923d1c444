import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { guildIdSchema } from '../../node/base/ids.ts'
import { parseInviteLink } from '../../node/events/invite-link.ts'
import { topicOf } from '../../node/federation/topics.ts'
import { JOIN_PROTOCOL, SYNC_PROTOCOL } from '../../node/federation/wire.ts'
import { agreed, guildOn, untilAnswer } from '../kit/agreement.ts'
import { type Client, signUp } from '../kit/client.ts'
import { connectLyingPeer, type LyingPeer } from '../kit/lying-peer.ts'
import { ALONE, createMachines, type Machines } from '../kit/machines.ts'
import type { ProcessNode } from '../kit/process-node.ts'

/** A and B share a guild. Whatever a third one sends to A, Alice and Bob go on talking. */
let machines: Machines
let a: ProcessNode
let b: ProcessNode
let alice: Client
let bob: Client
let guildId: string
let channelId: string
let talked = 0

beforeAll(async () => {
  machines = createMachines({ ...ALONE, 'sync.interval_secs': '1' })
  ;[a, b] = await Promise.all([machines.start('a'), machines.start('b')])
  ;[alice, bob] = await Promise.all([signUp(a.address, 'alice'), signUp(b.address, 'bob')])
  guildId = (await alice.createGuild('Harbour')).guild_id
  channelId = (await alice.createChannel(guildId, 'general')).channel_id
  await bob.join((await alice.invite(guildId)).link)
  await agreed([a, b], guildId)
})

afterAll(() => machines[Symbol.asyncDispose]())

afterEach(async () => {
  talked += 1
  await using atB = await bob.listen(channelId)
  await using atA = await alice.listen(channelId)
  await alice.post(channelId, `alice ${talked}`)
  await bob.post(channelId, `bob ${talked}`)
  await atB.until(({ text }) => text === `alice ${talked}`)
  await atA.until(({ text }) => text === `bob ${talked}`)
  assert.doesNotMatch(a.output(), / ERROR /)
})

async function strangerWithInvite(): Promise<LyingPeer> {
  const outcome = parseInviteLink((await alice.invite(guildId)).link)
  if (outcome.kind === 'refused') throw new Error(outcome.message)
  return connectLyingPeer(outcome.invite)
}

async function memberPeer(): Promise<LyingPeer> {
  const peer = await strangerWithInvite()
  await peer.join()
  await untilAnswer(
    () => guildOn(a, guildId),
    (guild) => guild.nodes.includes(peer.host.peerId),
  )
  return peer
}

const textsOn = async (reader: Client) => (await reader.history(channelId)).map(({ text }) => text)

const heardOn = (reader: Client, text: string) =>
  untilAnswer(
    () => textsOn(reader),
    (texts) => texts.includes(text),
  )

describe('noise on the peer port', () => {
  async function peerPort(): Promise<number> {
    const [address = ''] = (await a.status()).p2p_addresses
    return Number(/\/tcp\/(\d+)/.exec(address)?.[1])
  }

  it.each([
    { what: 'random bytes', bytes: () => randomBytes(64 * 1024) },
    { what: 'an HTTP request', bytes: () => Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n') },
    { what: 'zeros', bytes: () => Buffer.alloc(256 * 1024) },
    { what: 'a length that promises a gigabyte', bytes: () => Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2]) },
  ])('$what end the connection', async ({ bytes }) => {
    const socket = connect(await peerPort(), '127.0.0.1')
    socket.on('error', () => {})
    socket.resume()

    socket.end(bytes())

    await new Promise((resolve) => socket.once('close', resolve))
  })

  it('a hundred connections that say nothing leave room for a friend', async () => {
    const port = await peerPort()
    const silent = Array.from({ length: 100 }, () => connect(port, '127.0.0.1').on('error', () => {}))
    await Promise.all(
      silent.map((socket) => new Promise((resolve) => socket.once('connect', resolve).once('close', resolve))),
    )

    await b.kill9()
    await b.start()

    await agreed([a, b], guildId)
    for (const socket of silent) socket.destroy()
  })
})

describe('a stranger on our protocols', () => {
  it.each([
    { what: 'random bytes', bytes: () => randomBytes(4096) },
    { what: 'a frame of 4 GiB', bytes: () => Buffer.from([0xff, 0xff, 0xff, 0xff]) },
    { what: 'a frame that is not JSON', bytes: () => framed('nonsense') },
    { what: 'a frame of another shape', bytes: () => framed('{"type":"hello","guilds":5}') },
    { what: 'a frame that is deep', bytes: () => framed('['.repeat(100_000)) },
    { what: 'half a frame', bytes: () => framed('{"type":"hello"').subarray(0, 9) },
    { what: 'nothing', bytes: () => Buffer.alloc(0) },
  ])('who sends $what is heard no longer', async ({ bytes }) => {
    await using stranger = await strangerWithInvite()

    for (const protocol of [SYNC_PROTOCOL, JOIN_PROTOCOL]) {
      const stream = await stranger.host.open(peerIdOf(stranger), protocol, AbortSignal.timeout(5_000))
      const closed = new Promise((resolve) => stream.addEventListener('close', resolve, { once: true }))
      if (bytes().length > 0) stream.send(bytes())
      await stream.close().catch(() => {})
      await closed
    }
  })

  it('is shown to the admin while it is connected', async () => {
    await using stranger = await strangerWithInvite()

    const { peers } = await a.status()

    expect(peers).toContainEqual(expect.objectContaining({ peer_id: stranger.host.peerId, connected: true }))
  })

  it('is given no guild without an invite', async () => {
    await using stranger = await strangerWithInvite()
    const channel = await stranger.open(SYNC_PROTOCOL)
    const guilds = [{ guild_id: guildId, state_hash: '', law_heads: [], tips: [] }]

    await channel.write({ type: 'hello', version: 1, peers: [], guilds })

    expect((await channel.read())?.header).toMatchObject({ type: 'hello', guilds: [] })
    channel.abort(new Error('done'))
  })

  it('cannot put anything into a guild by gossip', async () => {
    await using stranger = await strangerWithInvite()
    const forged = stranger.write(channelId, 'from a stranger')
    stranger.host.gossip.subscribe(topic(), () => 'accept')

    for (const text of ['noise', '{}', forged.text]) await stranger.host.gossip.publish(topic(), text)

    await alice.post(channelId, 'after the stranger')
    await heardOn(bob, 'after the stranger')
    expect(await textsOn(alice)).not.toContain('from a stranger')
  })
})

describe('a member’s node that lies', () => {
  it('is heard while it keeps to the rules', async () => {
    await using peer = await memberPeer()

    await peer.give([peer.write(channelId, 'an honest word').text])

    await heardOn(alice, 'an honest word')
    await heardOn(bob, 'an honest word')
  })

  it('an event with a bad signature is kept nowhere, and what it says rightly is still heard', async () => {
    await using peer = await memberPeer()
    const honest = peer.write(channelId, 'before the forgery')
    const forged = peer.write(channelId, 'forged').text.replace(/"(ed25519:[^"]+)":"..../, '"$1":"AAAA')

    await peer.give([honest.text, forged])

    await heardOn(bob, 'before the forgery')
    expect(await textsOn(alice)).not.toContain('forged')
    expect((await agreed([a, b], guildId)).waiting).toBe(0)
  })

  it('an event whose parents never come waits, is told of, and holds up nobody', async () => {
    await using peer = await memberPeer()
    const parent = peer.write(channelId, 'the missing one')
    const orphan = peer.write(channelId, 'the orphan')

    await peer.give([orphan.text])

    const guild = await untilAnswer(
      () => guildOn(a, guildId),
      ({ waiting }) => waiting === 1,
    )
    expect(guild).toMatchObject({ complete: false })
    expect(await textsOn(alice)).not.toContain('the orphan')
    await alice.post(channelId, 'nobody is held up')
    await heardOn(bob, 'nobody is held up')

    await peer.give([parent.text])

    expect((await heardOn(alice, 'the orphan')).indexOf('the missing one')).toBeGreaterThan(-1)
    await heardOn(bob, 'the orphan')
    expect((await agreed([a, b], guildId)).complete).toBe(true)
  })

  it('two stories after the same word are both kept, and the admin is told', async () => {
    await using peer = await memberPeer()
    const first = peer.write(channelId, 'one story')
    const second = peer.write(channelId, 'another story', { position: 2, prev: first.event.prev_events })

    await peer.give([first.text])
    await peer.give([second.text])

    const guild = await untilAnswer(
      () => guildOn(b, guildId),
      ({ equivocated }) => equivocated.length > 0,
    )
    expect(guild.equivocated).toContain(peer.host.peerId)
    await agreed([a, b], guildId)
  })

  it('noise by gossip costs it its hearing, and nobody else', async () => {
    await using peer = await memberPeer()
    peer.host.gossip.subscribe(topic(), () => 'accept')

    for (let count = 0; count < 200; count += 1) {
      await peer.host.gossip.publish(topic(), `noise ${count} ${randomBytes(200).toString('hex')}`)
    }

    await alice.post(channelId, 'through the noise')
    await heardOn(bob, 'through the noise')
  })
})

const topic = () => topicOf(guildIdSchema.parse(guildId))

function framed(text: string): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(Buffer.byteLength(text))
  return Buffer.concat([length, Buffer.from(text)])
}

function peerIdOf(peer: LyingPeer) {
  const [link] = peer.host.links()
  if (link === undefined) throw new Error('Not connected')
  return link.peerId
}

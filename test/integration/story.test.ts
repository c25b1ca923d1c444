import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agreed, differences, untilAnswer } from '../kit/agreement.ts'
import { type Client, signUp } from '../kit/client.ts'
import { ALONE, createMachines, type Machines } from '../kit/machines.ts'
import type { ProcessNode } from '../kit/process-node.ts'

/** `npm run demo` tells the same with gossip; here nothing but sync carries it. */
describe('a guild on three computers, with gossip switched off', () => {
  let machines: Machines
  let a: ProcessNode
  let b: ProcessNode
  let alice: Client
  let bob: Client
  let guildId: string
  let channelId: string

  beforeAll(async () => {
    machines = createMachines({ ...ALONE, 'p2p.gossip': 'false', 'sync.interval_secs': '1' })
    ;[a, b] = await Promise.all([machines.start('a'), machines.start('b')])
    ;[alice, bob] = await Promise.all([signUp(a.address, 'alice'), signUp(b.address, 'bob')])
    guildId = (await alice.createGuild('Harbour')).guild_id
    channelId = (await alice.createChannel(guildId, 'general')).channel_id
    await alice.post(channelId, 'before you came')
  })

  afterAll(() => machines[Symbol.asyncDispose]())

  it('who joins by a link has the guild, its channels and its history', async () => {
    const { link } = await alice.invite(guildId, { max_uses: 1 })

    const guild = await bob.join(link)

    expect(guild.name).toBe('Harbour')
    expect((await bob.guilds()).map((held) => held.guild_id)).toEqual([guildId])
    expect((await bob.channels(guildId)).map((channel) => channel.name)).toEqual(['general'])
    await agreed([a, b], guildId)
    expect(await differences(channelId, [alice, bob])).toEqual([])
  })

  it('what is posted on one node reaches the sockets of the other, both ways', async () => {
    await using atA = await alice.listen(channelId)
    await using atB = await bob.listen(channelId)

    await alice.post(channelId, 'from alice')
    await bob.post(channelId, 'from bob')

    expect((await atB.until(({ text }) => text === 'from alice')).text).toBe('from alice')
    expect((await atA.until(({ text }) => text === 'from bob')).text).toBe('from bob')
  })

  it('a node that was killed comes back to the same events and the same law', async () => {
    const { event_id: lastWords } = await alice.post(channelId, 'last words')
    await a.kill9()
    for (let count = 0; count < 10; count += 1) await bob.post(channelId, `while you were away ${count}`)

    await a.start()
    const guild = await agreed([a, b], guildId)

    expect(guild.complete).toBe(true)
    expect(await differences(channelId, [alice, bob])).toEqual([])
    expect((await bob.history(channelId)).map((message) => message.eventId)).toContain(lastWords)
  })

  it('a third node joins with the help of the second while the first is off, and all three end up the same', async () => {
    await a.stop()
    const c = await machines.start('c')
    const carol = await signUp(c.address, 'carol')

    const { code, stdout } = await c.openguild('join', (await bob.invite(guildId)).link)
    await carol.post(channelId, 'carol is here')
    await a.start()

    expect([code, stdout]).toEqual([0, `Joined Harbour (${guildId})\n`])
    await agreed([a, b, c], guildId)
    expect(await differences(channelId, [alice, bob, carol])).toEqual([])
    const { peers } = await untilAnswer(
      a.status,
      (status) => status.peers.filter((peer) => peer.connected).length === 2,
    )
    expect(peers.every((peer) => peer.guilds.every((guild) => guild.same_state))).toBe(true)
  })
  it('when all of them were switched off and on, they find each other again', async () => {
    await Promise.all(machines.nodes.map((node) => node.stop()))
    await Promise.all(machines.nodes.map((node) => node.start()))

    await alice.post(channelId, 'good morning')

    await untilAnswer(
      () => bob.history(channelId),
      (history) => history.at(-1)?.text === 'good morning',
    )
    await agreed(machines.nodes, guildId)
  })
})

import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../node/base/log.ts'
import { parseConfig } from '../../node/config/parse.ts'
import { createNode, systemPlatform } from '../../node/index.ts'
import { presentNodeStatus } from '../../node/api/admin/status.ts'
import { untilAnswer } from '../kit/agreement.ts'
import { type Client, signUp } from '../kit/client.ts'
import { tempDir } from '../kit/temp-dir.ts'

const HOUR_MS = 3_600_000

/** A whole node in this process, over real sockets, whose clock is wrong by this much and can be set. */
async function startNode(name: string, wrongByMs: number) {
  const { config, secrets } = parseConfig({
    data_dir: tempDir().file(name),
    bind_addr: '127.0.0.1:0',
    server_name: name,
    p2p: { lan: false },
    sync: { interval_secs: 1 },
    log_file: { enabled: false },
  })
  let wrong = wrongByMs
  const clock = { now: () => Date.now() + wrong }
  const node = await createNode({ config, secrets, log: silentLogger, platform: { ...systemPlatform, clock } })
  await node.start()
  return {
    address: () => node.apiAddress,
    status: async () => presentNodeStatus(node.status()),
    set: (ms: number) => void (wrong = ms),
    [Symbol.asyncDispose]: async () => void (await node.stop()),
  }
}

type ShiftedNode = Awaited<ReturnType<typeof startNode>>

const textsOf = async (reader: Client, channelId: string) => (await reader.history(channelId)).map(({ text }) => text)

const heard = (reader: Client, channelId: string, text: string) =>
  untilAnswer(
    () => textsOf(reader, channelId),
    (texts) => texts.includes(text),
    10_000,
  )

const figures = async (node: ShiftedNode) => (await node.status()).guilds[0]

async function found(node: ShiftedNode, username: string) {
  const person = await signUp(node.address, username)
  const { guild_id: guildId } = await person.createGuild('Harbour')
  const { channel_id: channelId } = await person.createChannel(guildId, 'general')
  return { person, guildId, channelId }
}

describe('a node whose clock is some minutes off', () => {
  it.each([-4, 4])('by %d minutes takes part like any other', async (minutes) => {
    await using right = await startNode('right', 0)
    await using off = await startNode('off', minutes * 60_000)
    const { person: alice, guildId, channelId } = await found(right, 'alice')
    const bob = await signUp(off.address, 'bob')

    await bob.join((await alice.invite(guildId)).link)
    await bob.post(channelId, 'from bob')
    await alice.post(channelId, 'from alice')

    await heard(alice, channelId, 'from bob')
    await heard(bob, channelId, 'from alice')
  })
})

describe('a node whose clock is an hour ahead', () => {
  it('its words wait until their time has come, hold up nobody, and are all heard then', async () => {
    await using right = await startNode('right', 0)
    await using ahead = await startNode('ahead', HOUR_MS)
    const { person: alice, guildId, channelId } = await found(right, 'alice')
    const bob = await signUp(ahead.address, 'bob')

    await bob.join((await alice.invite(guildId)).link)
    for (const text of ['one', 'two', 'three']) await bob.post(channelId, text)
    await alice.post(channelId, 'nobody is held up')
    await heard(bob, channelId, 'nobody is held up')

    const waiting = await untilAnswer(
      () => figures(right),
      (guild) => (guild?.waiting ?? 0) > 0,
    )
    expect(waiting).toMatchObject({ complete: false, diverged: [] })
    expect(waiting?.clock_ahead_secs).toBeGreaterThan(HOUR_MS / 1000 - 60)
    expect(await textsOf(alice, channelId)).toEqual(['nobody is held up'])

    right.set(HOUR_MS)
    await bob.post(channelId, 'four')

    await heard(alice, channelId, 'four')
    expect((await textsOf(alice, channelId)).sort()).toEqual(['four', 'nobody is held up', 'one', 'three', 'two'])
    expect((await figures(right))?.state_hash).toBe((await figures(ahead))?.state_hash)
  })

  it('that is set right goes on, and what it says then is not lost', async () => {
    await using right = await startNode('right', 0)
    await using ahead = await startNode('ahead', HOUR_MS)
    const { person: alice, guildId, channelId } = await found(right, 'alice')
    const bob = await signUp(ahead.address, 'bob')
    await bob.join((await alice.invite(guildId)).link)

    ahead.set(0)
    const { created_at: createdAt } = await bob.post(channelId, 'with the right clock')

    // Its own log never goes back in time, so this too waits for the hour to pass.
    expect(Date.parse(createdAt)).toBeGreaterThan(Date.now() + HOUR_MS / 2)
    right.set(HOUR_MS + 60_000)
    await heard(alice, channelId, 'with the right clock')
  })
})

describe('a node whose clock is an hour behind', () => {
  it('is told so when it joins, rather than that nobody can be reached', async () => {
    await using right = await startNode('right', 0)
    await using behind = await startNode('behind', -HOUR_MS)
    const { person: alice, guildId } = await found(right, 'alice')
    const bob = await signUp(behind.address, 'bob')

    const answer = await bob.ask('POST', '/guilds/join', { link: (await alice.invite(guildId)).link })

    expect(answer).toMatchObject({ status: 503, code: 'clock_skew' })
    expect(answer.text).toMatch(/clock of this node is at least 60 minutes behind/)
  })

  it('once it is set right joins and is heard', async () => {
    await using right = await startNode('right', 0)
    await using behind = await startNode('behind', -HOUR_MS)
    const { person: alice, guildId, channelId } = await found(right, 'alice')
    const bob = await signUp(behind.address, 'bob')
    const { link } = await alice.invite(guildId)
    await bob.ask('POST', '/guilds/join', { link })

    behind.set(0)
    await bob.join(link)
    await bob.post(channelId, 'in time')

    await heard(alice, channelId, 'in time')
  })
})

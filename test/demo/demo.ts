import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { agreed, differences, guildOn, untilAnswer } from '../kit/agreement.ts'
import { type Client, signUp } from '../kit/client.ts'
import { carriesMulticast } from '../kit/multicast.ts'
import { createProcessNode, type ProcessNode } from '../kit/process-node.ts'
import { createStage, formatTime } from './stage.ts'

/**
 * The main job from beginning to end: real processes, real sockets, nothing held or stubbed. Exits non-zero when anything
 * differs from what the guild's people may expect.
 */
const BACKLOG = 10_000
const WRITERS = 32
const SETTINGS = {
  'messaging.max_messages_per_user_per_window': '1000000',
  'messaging.max_messages_per_ip_per_window': '1000000',
  'sync.interval_secs': '5',
}

const stage = createStage()
const { chapter, step, note } = stage
using directory = mkdtempDisposableSync(join(tmpdir(), 'openguild-demo-'))
const nodes: ProcessNode[] = []

function nodeOf(name: string): ProcessNode {
  const node = createProcessNode({
    dataDir: join(directory.path, name),
    settings: { ...SETTINGS, server_name: `node ${name}` },
  })
  nodes.push(node)
  return node
}

const a = nodeOf('A')
const b = nodeOf('B')
const c = nodeOf('C')

try {
  await tell()
  console.log(`\nAll of it as it should be, in ${formatTime(stage.elapsedMs())}.`)
} catch (error) {
  process.exitCode = 1
  console.error(error)
  for (const node of nodes) console.error(`\n--- output of the node in ${node.dataDir}\n${node.output()}`)
} finally {
  await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()))
}

async function tell(): Promise<void> {
  console.log(`OpenGuild: three nodes, each a process of its own, in ${directory.path}`)
  const guild = await foundGuild()
  const links = await inviteOthers(guild)
  const bob = await bringBob(guild, links)
  await survivePowerCut(guild, bob)
  await growWithoutHost(guild, bob)
  await showStatus(guild)
  await goHome()
}

interface Founded {
  alice: Client
  guildId: string
  channelId: string
}

async function foundGuild(): Promise<Founded> {
  chapter('Alice founds a guild on her own computer')
  await step('node A starts', a.start, a.address)
  const alice = await step('Alice registers and logs in', () => signUp(a.address, 'alice'))
  await step('the first account of a node is its owner', async () => {
    const { text } = await alice.ask('GET', '/users/me')
    assert.deepEqual(JSON.parse(text).roles, ['owner'])
  })
  const { guild_id: guildId } = await step('she creates the guild "Harbour"', () => alice.createGuild('Harbour'))
  const { channel_id: channelId } = await step('and the channel "general"', () =>
    alice.createChannel(guildId, 'general'),
  )
  await using socket = await step('she listens to it on a WebSocket', () => alice.listen(channelId))
  await step('posts three messages and reads them back', async () => {
    for (const text of ['ahoy', 'anyone here?', 'I will send invites']) await alice.post(channelId, text)
    const texts = (await alice.history(channelId)).map((message) => message.text)
    assert.deepEqual(texts, ['ahoy', 'anyone here?', 'I will send invites'])
  })
  await step('and heard them live', () => socket.until(({ text }) => text === 'I will send invites'))
  return { alice, guildId, channelId }
}

interface Links {
  byRest: string
  byCommand: string
}

async function inviteOthers({ alice, guildId }: Founded): Promise<Links> {
  chapter('Alice makes invites')
  const { link: byRest } = await step('POST /guilds/{guild_id}/invites', () => alice.invite(guildId, { max_uses: 5 }))
  note(`${byRest.slice(0, 72)}…`)
  const byCommand = await step('openguild invite create', async () => {
    const { code, stdout, stderr } = await a.openguild('invite', 'create', guildId, '--expires-in-secs', '3600')
    assert.equal(code, 0, stderr)
    return stdout.trim()
  })
  assert.match(byCommand, /^openguild:\/\/join\/[\w-]+$/)
  return { byRest, byCommand }
}

async function bringBob({ alice, guildId, channelId }: Founded, links: Links): Promise<Client> {
  chapter('Bob joins from node B')
  await step('node B starts', b.start, b.address)
  await findEachOther()
  const bob = await step('Bob registers on his own node', () => signUp(b.address, 'bob'))
  await step('joins by the link: POST /guilds/join', () => bob.join(links.byRest))
  await step('the guild, its channel and its history are on B', async () => {
    assert.deepEqual(
      (await bob.guilds()).map((guild) => guild.name),
      ['Harbour'],
    )
    assert.deepEqual(
      (await bob.channels(guildId)).map((channel) => channel.name),
      ['general'],
    )
    assert.deepEqual(await untilSame([alice, bob], channelId), [])
  })
  await signUp(b.address, 'dora')
  await step(
    'Dora, on node B too, joins by `openguild join`',
    async () => {
      const { code, stdout, stderr } = await b.openguild('join', links.byCommand, '--as', 'dora')
      assert.equal(code, 0, stderr)
      return stdout.trim()
    },
    (said) => said,
  )
  await step('A and B hold the same events and the same law', () => agreed([a, b], guildId), describeGuild)
  await talkBothWays({ alice, bob, channelId })
  return bob
}

async function findEachOther(): Promise<void> {
  if (!(await carriesMulticast())) return note('This network carries no multicast: mDNS is not shown.')
  const { peer_id: peerOfB } = await b.status()
  await step('A and B find each other by mDNS', () =>
    untilAnswer(a.status, ({ peers }) => peers.some((peer) => peer.peer_id === peerOfB && peer.connected)),
  )
}

async function talkBothWays({
  alice,
  bob,
  channelId,
}: {
  alice: Client
  bob: Client
  channelId: string
}): Promise<void> {
  await using atA = await alice.listen(channelId)
  await using atB = await bob.listen(channelId)
  await step('what Alice posts on A reaches Bob’s socket on B', async () => {
    const heard = atB.until(({ text }) => text === 'can you hear me?')
    await alice.post(channelId, 'can you hear me?')
    await heard
  })
  await step('and back', async () => {
    const heard = atA.until(({ text }) => text === 'loud and clear')
    await bob.post(channelId, 'loud and clear')
    await heard
  })
}

async function survivePowerCut({ alice, guildId, channelId }: Founded, bob: Client): Promise<void> {
  chapter('A dies without warning')
  const { eventId } = await step('Alice posts, and in that moment…', async () => {
    const { event_id } = await alice.post(channelId, 'last words')
    return { eventId: event_id }
  })
  await step('A is killed with -9', a.kill9)
  await step('Bob keeps posting on B', async () => {
    for (let count = 1; count <= 25; count += 1) await bob.post(channelId, `while you were away ${count}`)
  })
  await step('A comes back', a.start, a.address)
  await step('A and B hold the same events and the same law', () => agreed([a, b], guildId), describeGuild)
  await step('nothing is lost and nothing is there twice', async () => {
    assert.deepEqual(await differences(channelId, [alice, bob]), [])
    const history = await bob.history(channelId)
    assert.ok(
      history.some((message) => message.eventId === eventId),
      'Bob lacks what was acknowledged to Alice',
    )
    assert.equal(history.filter((message) => message.text.startsWith('while you were away')).length, 25)
  })
}

async function growWithoutHost({ alice, guildId, channelId }: Founded, bob: Client): Promise<void> {
  chapter('The guild outlives its host')
  await step(
    'A is shut down',
    () => a.stop(),
    ({ code, tookMs }) => {
      assert.equal(code, 0)
      return `exit 0 after ${formatTime(tookMs)}`
    },
  )
  await step('node C starts', c.start, c.address)
  const carol = await signUp(c.address, 'carol')
  await step('Carol joins with B’s help: `openguild join` with Bob’s link', async () => {
    const { link } = await bob.invite(guildId, { max_uses: 1 })
    const { code, stderr } = await c.openguild('join', link)
    assert.equal(code, 0, stderr)
    assert.deepEqual(await untilSame([bob, carol], channelId), [])
  })
  await carol.post(channelId, 'Carol is here')
  await step(
    `Bob and friends post ${BACKLOG.toLocaleString('en')} messages while A is away`,
    () => postMany(bob, channelId),
    perSecond,
  )
  await step('node A starts again', a.start, a.address)
  await step('all of them arrive there', () => agreed([a, b, c], guildId, 60_000), describeGuild)
  await step('Alice, Bob and Carol read the same, each message once', async () => {
    assert.deepEqual(await differences(channelId, [alice, bob, carol]), [])
    const backlog = (await alice.history(channelId)).filter(({ text }) => text.startsWith('backlog'))
    assert.equal(new Set(backlog.map(({ text }) => text)).size, BACKLOG)
  })
}

async function postMany(writer: Client, channelId: string): Promise<number> {
  const since = performance.now()
  let next = 0
  async function write(): Promise<void> {
    while (next < BACKLOG) {
      next += 1
      await writer.post(channelId, `backlog ${next}`)
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, write))
  return (BACKLOG / (performance.now() - since)) * 1000
}

async function showStatus({ guildId }: Founded): Promise<void> {
  chapter('What a node says of itself')
  const shown = await step('openguild status', async () => {
    const { code, stdout, stderr } = await a.openguild('status')
    assert.equal(code, 0, stderr)
    return stdout
  })
  note(shown.trimEnd())
  await step('GET /admin/v1/status says the same, and that all is complete', async () => {
    const guild = await guildOn(a, guildId)
    assert.ok(shown.includes(guild.state_hash))
    assert.equal(guild.complete, true)
    assert.ok(guild.channels.every((channel) => channel.complete))
    assert.deepEqual([guild.diverged, guild.equivocated], [[], []])
    assert.equal(guild.nodes.length, 3)
  })
}

async function goHome(): Promise<void> {
  chapter('Good night')
  for (const [name, node] of Object.entries({ A: a, B: b, C: c })) {
    await step(
      `node ${name} is shut down`,
      () => node.stop(),
      ({ code, tookMs }) => {
        assert.equal(code, 0)
        return `exit 0 after ${formatTime(tookMs)}`
      },
    )
  }
}

/** History may still be coming in after a join. */
const untilSame = (readers: readonly Client[], channelId: string): Promise<string[]> =>
  untilAnswer(
    () => differences(channelId, readers),
    (found) => found.length === 0,
  )

const perSecond = (rate: number): string =>
  `${Math.round(rate).toLocaleString('en')} a second, each on disk before its answer`

const describeGuild = (guild: { events: number; state_hash: string }): string =>
  `${guild.events} events, state ${guild.state_hash.slice(0, 12)}…`

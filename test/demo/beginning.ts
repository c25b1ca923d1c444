import assert from 'node:assert/strict'
import { untilAnswer } from '../kit/agreement.ts'
import { ask, type Client, signUp } from '../kit/client.ts'
import { carriesMulticast } from '../kit/multicast.ts'
import { type Cast, type Founded, stepAgreed, untilSame } from './cast.ts'
import type { Stage } from './stage.ts'

export async function foundGuild({ stage, a }: Cast): Promise<Founded> {
  const { chapter, step } = stage
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

export interface Links {
  byRest: string
  byCommand: string
}

export async function inviteOthers({ stage, a }: Cast, { alice, guildId }: Founded): Promise<Links> {
  const { chapter, step, note } = stage
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

export async function bringBob(cast: Cast, guild: Founded, links: Links): Promise<Client> {
  const {
    stage: { chapter, step },
    a,
    b,
  } = cast
  const { alice, guildId, channelId } = guild
  chapter('Bob joins from node B')
  await step('node B starts', b.start, b.address)
  await findEachOther(cast)
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
  await stepAgreed(cast.stage, [a, b], guild)
  await talkBothWays(cast.stage, { alice, bob, channelId })
  return bob
}

async function findEachOther({ stage: { step, note }, a }: Cast): Promise<void> {
  if (!(await carriesMulticast())) return note('This network carries no multicast: mDNS is not shown.')
  await step('A and B find each other by mDNS', () =>
    untilAnswer(
      () => ask(a.address(), 'GET', '/metrics'),
      ({ text }) => /^openguild_peers_connected [1-9]/m.test(text),
    ),
  )
}

async function talkBothWays({ step }: Stage, { alice, bob, channelId }: Talk): Promise<void> {
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

interface Talk {
  alice: Client
  bob: Client
  channelId: string
}

import assert from 'node:assert/strict'
import { differences, guildOn, untilAnswer } from '../kit/agreement.ts'
import { type Client, signUp } from '../kit/client.ts'
import type { ProcessNode } from '../kit/process-node.ts'
import { type Cast, type Founded, stepAgreed, untilSame } from './cast.ts'
import { formatTime } from './stage.ts'

const BACKLOG = 10_000
const WRITERS = 32

export async function survivePowerCut({ stage, a, b }: Cast, guild: Founded, bob: Client): Promise<void> {
  const { chapter, step } = stage
  const { alice, channelId } = guild
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
  await stepAgreed(stage, [a, b], guild)
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

export async function growWithoutHost({ stage, a, b, c }: Cast, guild: Founded, bob: Client): Promise<void> {
  const { chapter, step } = stage
  const { alice, channelId } = guild
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
    const { link } = await bob.invite(guild.guildId, { max_uses: 1 })
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
  await step(
    'and catches up',
    () => arrivalRate(a, guild),
    (rate) => `${Math.round(rate).toLocaleString('en')} messages a second`,
  )
  await stepAgreed(stage, [a, b, c], guild)
  await step('Alice, Bob and Carol read the same, each message once', async () => {
    assert.deepEqual(await differences(channelId, [alice, bob, carol]), [])
    const backlog = (await alice.history(channelId)).filter(({ text }) => text.startsWith('backlog'))
    assert.equal(new Set(backlog.map(({ text }) => text)).size, BACKLOG)
  })
}

async function arrivalRate(node: ProcessNode, { guildId }: Founded): Promise<number> {
  const since = performance.now()
  await untilAnswer(
    () => guildOn(node, guildId),
    ({ channels }) => channels.some((channel) => channel.latest_sequence > BACKLOG),
    60_000,
  )
  return (BACKLOG / (performance.now() - since)) * 1000
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

export async function showStatus({ stage, a }: Cast, { guildId }: Founded): Promise<void> {
  const { chapter, step, note } = stage
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

export async function goHome({ stage, a, b, c }: Cast): Promise<void> {
  const { chapter, step } = stage
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

const perSecond = (rate: number): string =>
  `${Math.round(rate).toLocaleString('en')} a second, each on disk before its answer`

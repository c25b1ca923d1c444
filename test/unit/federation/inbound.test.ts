import { describe, expect, it } from 'vitest'
import type { EventId, GuildId, ServerName } from '../../../node/base/ids.ts'
import { silentLogger } from '../../../node/base/log.ts'
import { createInbound } from '../../../node/federation/inbound.ts'
import type { ReceiveOutcome } from '../../../node/services/timeline/types.ts'
import { heldClock } from '../../kit/clock.ts'

const GUILD = 'guild' as GuildId
const BOB = 'bob' as ServerName
const CAROL = 'carol' as ServerName
const eventId = '$event' as EventId

interface Options {
  outcome?: ReceiveOutcome
  eventsPerSecond?: number
  isServed?: boolean
}

/** A node whose log judges every text alike, at once or when the test says so. */
function setUp({ outcome = { kind: 'accepted', eventId }, eventsPerSecond = 100, isServed = true }: Options = {}) {
  const batches: { from: ServerName; size: number }[] = []
  const wanted: ServerName[] = []
  const penalised: ServerName[] = []
  let release = () => {}
  let gate = Promise.resolve()
  const clock = heldClock()
  const inbound = createInbound({
    timeline: {
      async receive(_guildId, texts, from) {
        batches.push({ from, size: texts.length })
        await gate
        return texts.map(() => outcome)
      },
    },
    access: { isServed: () => isServed },
    catchUp: { want: (peer) => void wanted.push(peer) },
    scoring: { penalise: (peer) => void penalised.push(peer) },
    clock,
    log: silentLogger,
    eventsPerSecond,
  })
  return {
    inbound,
    batches,
    wanted,
    penalised,
    clock,
    take: (from: ServerName = BOB, text = '{}') => inbound.take(GUILD, from, Buffer.from(text)),
    hold: () => void (gate = new Promise((resolve) => (release = resolve))),
    letGo: () => release(),
  }
}

describe('gossip that arrives', () => {
  it.each<{ outcome: ReceiveOutcome; verdict: string }>([
    { outcome: { kind: 'accepted', eventId }, verdict: 'accept' },
    { outcome: { kind: 'duplicate', eventId }, verdict: 'ignore' },
    { outcome: { kind: 'waiting', eventId, missing: ['$parent'] }, verdict: 'ignore' },
    { outcome: { kind: 'refused', eventId, code: 'not_a_member' }, verdict: 'ignore' },
    { outcome: { kind: 'rejected', reason: 'event_id_mismatch' }, verdict: 'reject' },
  ])('$outcome.kind makes gossipsub $verdict', async ({ outcome, verdict }) => {
    const { take } = setUp({ outcome })

    expect(await take()).toBe(verdict)
  })

  it('an event whose parents are missing sends us to the peer that has them', async () => {
    const { take, wanted } = setUp({ outcome: { kind: 'waiting', eventId, missing: ['$parent'] } })

    await take()

    expect(wanted).toEqual([BOB])
  })

  it('an event of the future asks nobody', async () => {
    const { take, wanted } = setUp({ outcome: { kind: 'waiting', eventId, missing: ['time:99'] } })

    await take()

    expect(wanted).toEqual([])
  })

  it('wrong bytes and too many of them are held against the sender', async () => {
    const { take, penalised } = setUp({ outcome: { kind: 'rejected', reason: 'shape' } })

    await take()
    await take(CAROL, 'x'.repeat(70_000))

    expect(penalised).toEqual([BOB, CAROL])
  })

  it('a node that the guild is not served to is not heard, but asked now and then whether it has joined', async () => {
    const { take, batches, wanted, clock } = setUp({ isServed: false })

    for (let count = 0; count < 8; count += 1) expect(await take()).toBe('ignore')
    const askedAtOnce = wanted.length
    clock.advance(5_000)
    await take()

    expect(batches).toEqual([])
    expect(askedAtOnce).toBe(2)
    expect(wanted).toEqual([BOB, BOB, BOB])
  })

  it('bytes that are no UTF-8 are held against the sender and never read as something else', async () => {
    const { inbound, batches, penalised } = setUp()

    const verdict = await inbound.take(GUILD, BOB, Buffer.from([0x7b, 0xff, 0x7d]))

    expect(verdict).toBe('reject')
    expect(penalised).toEqual([BOB])
    expect(batches).toEqual([])
  })

  it('what comes while a batch is stored makes the next one, at most 64 of one sender', async () => {
    const { take, batches, hold, letGo } = setUp({ eventsPerSecond: 1_000 })
    hold()

    const verdicts = [take(), ...Array.from({ length: 100 }, () => take()), take(CAROL), take(BOB)]
    letGo()
    await Promise.all(verdicts)

    expect(batches).toEqual([
      { from: BOB, size: 1 },
      { from: BOB, size: 64 },
      { from: BOB, size: 36 },
      { from: CAROL, size: 1 },
      { from: BOB, size: 1 },
    ])
  })

  it('what is over the limit of a peer comes by sync', async () => {
    const { take, batches, wanted, clock } = setUp({ eventsPerSecond: 5 })

    for (let count = 0; count < 8; count += 1) await take()
    const stored = batches.length
    clock.advance(1_000)
    await take()

    expect(stored).toBe(5)
    expect(wanted).toEqual([BOB, BOB, BOB])
    expect(batches.length).toBe(6)
  })

  it('a flood costs the peer its hearing', async () => {
    const { take, penalised } = setUp()

    for (let count = 0; count < 20_008; count += 1) void take()

    expect(penalised.length).toBe(8)
  })
})

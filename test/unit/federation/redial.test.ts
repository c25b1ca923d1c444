import { describe, expect, it } from 'vitest'
import type { ServerName } from '../../../node/base/ids.ts'
import { silentLogger } from '../../../node/base/log.ts'
import { createRedial } from '../../../node/federation/redial.ts'
import type { KnownPeer } from '../../../node/services/peers.ts'
import { heldClock } from '../../kit/clock.ts'
import { heldTimers } from '../../kit/held-timers.ts'

const BOB = 'bob' as ServerName

function known(change: Partial<KnownPeer> = {}): KnownPeer {
  const never = { displayName: undefined, lastSeenAt: undefined, lastSyncedAt: undefined }
  return { peerId: BOB, addresses: ['/ip4/10.0.0.2/tcp/1'], blocked: false, pinned: false, ...never, ...change }
}

/** A redial that knows one peer, which answers only when told to. */
function setUp(peer: KnownPeer, { isMember = true } = {}) {
  const clock = heldClock(0)
  const timers = heldTimers(clock)
  const dials: number[] = []
  let answers = false
  let connected = false
  const redial = createRedial({
    host: {
      dial() {
        dials.push(clock.now())
        return answers ? Promise.resolve() : Promise.reject(new Error('nobody there'))
      },
      isConnected: () => connected,
    },
    peers: { list: () => [peer], find: () => peer },
    membership: { everyone: () => new Set(isMember ? [BOB] : []), isKnown: () => isMember },
    clock,
    timers,
    log: silentLogger,
  })
  return {
    redial,
    dials,
    /** Seconds go by one at a time, so that failed dials settle in between. */
    async pass(seconds: number) {
      for (let second = 0; second < seconds; second += 1) {
        await new Promise(setImmediate)
        timers.advance(1_000)
      }
    },
    setConnected(value: boolean, direction: 'inbound' | 'outbound' = 'outbound') {
      connected = value
      if (value) redial.onConnect(BOB, direction)
      else redial.onDisconnect(BOB)
    },
    answer: () => void (answers = true),
  }
}

describe('redial', () => {
  it('waits twice as long after each failure, up to five minutes', async () => {
    const { redial, dials, pass } = setUp(known())

    redial.start()
    await pass(1_500)

    const gaps = dials.slice(1).map((at, index) => Math.round((at - (dials[index] ?? 0)) / 1_000))
    expect(gaps.slice(0, 8)).toEqual([1, 2, 4, 8, 16, 32, 64, 128])
    expect(Math.max(...gaps)).toBe(300)
  })

  it('tries at once again after the peer called us', async () => {
    const { redial, dials, pass, setConnected } = setUp(known())
    redial.start()
    await pass(100)
    const before = dials.length

    setConnected(true, 'inbound')
    setConnected(false)
    await pass(1)

    expect(dials.length).toBe(before + 1)
  })

  it('tries at once again when the network changed', async () => {
    const { redial, dials, pass } = setUp(known())
    redial.start()
    await pass(100)
    const before = dials.length

    redial.pokeAll()

    expect(dials.length).toBe(before + 1)
  })

  it('does not hammer a peer that answers and hangs up', async () => {
    const { redial, dials, pass, setConnected, answer } = setUp(known())
    answer()
    redial.start()

    for (let round = 0; round < 4; round += 1) {
      setConnected(true)
      setConnected(false)
      await pass(1)
    }

    expect(dials.length).toBeLessThan(4)
    expect(redial.nextAttemptAt(BOB)).toBeGreaterThan(4_000)
  })

  it('leaves a connected peer alone', async () => {
    const { redial, dials, pass, setConnected } = setUp(known())
    setConnected(true)

    redial.start()
    await pass(10)

    expect(dials).toEqual([])
  })

  it.each([
    { who: 'a blocked member', peer: known({ blocked: true }), isMember: true },
    { who: 'a member without an address', peer: known({ addresses: [] }), isMember: true },
    { who: 'a stranger', peer: known(), isMember: false },
  ])('never dials $who', async ({ peer, isMember }) => {
    const { redial, dials, pass } = setUp(peer, { isMember })

    redial.start()
    await pass(10)

    expect(dials).toEqual([])
  })

  it('dials a pinned stranger', async () => {
    const { redial, dials, pass } = setUp(known({ pinned: true }), { isMember: false })

    redial.start()
    await pass(1)

    expect(dials.length).toBeGreaterThan(0)
  })
})

import { describe, expect, it } from 'vitest'
import type { ServerName } from '../../../node/base/ids.ts'
import { createPeers } from '../../../node/services/peers.ts'
import { heldClock } from '../../kit/clock.ts'
import { openTestDatabase } from '../../kit/database.ts'

const SELF = 'self' as ServerName
const BOB = 'bob' as ServerName
const address = (port: number) => `/ip4/10.0.0.2/tcp/${port}`

describe('the address book', () => {
  it('keeps addresses, names and decisions over a restart', async () => {
    await using file = await openTestDatabase()
    const clock = heldClock()
    const before = createPeers({ self: SELF, db: file.db, clock })
    before.learn(BOB, [`${address(1)}/p2p/${BOB}`], 'Bob’s laptop')
    await before.pin(BOB, [address(2)])
    before.markSeen(BOB)
    await before.flush()

    const after = createPeers({ self: SELF, db: file.reopen(), clock })

    expect(after.find(BOB)).toMatchObject({
      addresses: [address(2), address(1)],
      displayName: 'Bob’s laptop',
      pinned: true,
      blocked: false,
      lastSeenAt: clock.now(),
    })
  })

  it('puts the newest address first and forgets the oldest', async () => {
    await using file = await openTestDatabase()
    const peers = createPeers({ self: SELF, db: file.db, clock: heldClock() })

    for (let port = 1; port <= 20; port += 1) peers.learn(BOB, [address(port)])

    expect(peers.find(BOB)?.addresses).toHaveLength(16)
    expect(peers.find(BOB)?.addresses[0]).toBe(address(20))
    await peers.flush()
  })

  it('keeps what others say of a peer apart: few, behind all that was learnt, and over a restart', async () => {
    await using file = await openTestDatabase()
    const clock = heldClock()
    const before = createPeers({ self: SELF, db: file.db, clock })
    for (let port = 1; port <= 16; port += 1) before.learn(BOB, [address(port)])
    const learnt = before.find(BOB)?.addresses ?? []

    for (let port = 101; port <= 120; port += 1) before.hint(BOB, [address(port)])
    await before.flush()
    const after = createPeers({ self: SELF, db: file.reopen(), clock })

    expect(after.find(BOB)?.addresses).toEqual([...learnt, address(120), address(119), address(118), address(117)])
  })

  it('an address that others said and that proved right is learnt', async () => {
    await using file = await openTestDatabase()
    const peers = createPeers({ self: SELF, db: file.db, clock: heldClock() })
    peers.hint(BOB, [address(2), address(1)])

    peers.learn(BOB, [address(1)])

    expect(peers.find(BOB)?.addresses).toEqual([address(1), address(2)])
    await peers.flush()
  })

  it('never holds the node itself', async () => {
    await using file = await openTestDatabase()
    const peers = createPeers({ self: SELF, db: file.db, clock: heldClock() })

    peers.learn(SELF, [address(1)])

    expect(peers.list()).toEqual([])
  })

  it('tells of a block before it is stored', async () => {
    await using file = await openTestDatabase()
    const peers = createPeers({ self: SELF, db: file.db, clock: heldClock() })
    const told: boolean[] = []
    peers.onChange((peer) => told.push(peers.isBlocked(peer)))

    const blocking = peers.block(BOB)
    const toldAtOnce = [...told]
    await blocking

    expect(toldAtOnce).toEqual([true])
  })

  it('does not forget that a peer is blocked', async () => {
    await using file = await openTestDatabase()
    const peers = createPeers({ self: SELF, db: file.db, clock: heldClock() })
    await peers.block(BOB)

    await peers.forget(BOB)

    expect(peers.isBlocked(BOB)).toBe(true)
  })
})

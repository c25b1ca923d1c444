import { describe, expect, it } from 'vitest'
import type { EventId, GuildId, ServerName } from '../../../node/base/ids.ts'
import { cutForks, cutOffer, jsonBytes, MAX_FORK_TIPS, takeFitting } from '../../../node/federation/sync/bounds.ts'
import { createRotation } from '../../../node/federation/sync/rotation.ts'

const PEER = 'peer' as ServerName
const guilds = (...names: string[]) => names as GuildId[]

const tip = (origin: string, position: number, name = '') => ({
  origin: origin as ServerName,
  position,
  eventId: `$${origin}${position}${name}` as EventId,
})

describe('the tips of an offer', () => {
  const forks = Array.from({ length: 100 }, (_, index) => tip('liar', (index * 7) % 100))

  it('are all named while no log has many', () => {
    const tips = [tip('a', 3), tip('b', 1), tip('b', 1, 'fork')]

    expect(cutForks(tips)).toEqual({ tips, isCut: false })
  })

  it('are of a log with many forks the furthest, the same ones at every node', () => {
    const cut = cutForks([tip('a', 3), ...forks])
    const elsewhere = cutForks([...forks.toReversed(), tip('a', 3)])

    expect(cut.isCut).toBe(true)
    expect(cut.tips).toHaveLength(MAX_FORK_TIPS + 1)
    expect(cut.tips.filter(({ origin }) => origin === 'liar').map(({ position }) => position)).toEqual(
      Array.from({ length: MAX_FORK_TIPS }, (_, index) => 99 - index),
    )
    expect(new Set(elsewhere.tips.map((entry) => entry.eventId))).toEqual(
      new Set(cut.tips.map((entry) => entry.eventId)),
    )
  })

  it('are cut until the offer fits, which it then says', () => {
    const tips = forks.map(({ origin, position, eventId }) => ({ origin, position, event_id: eventId }))
    const offer = { guild_id: 'guild' as GuildId, state_hash: '', law_heads: [], tips }

    const cut = cutOffer(offer, 1_000)

    expect(jsonBytes(cut)).toBeLessThanOrEqual(1_000)
    expect(cut.partial).toBe(true)
    expect(cut.tips.length).toBeGreaterThan(5)
  })

  it('a list takes what fits', () => {
    expect(takeFitting(['aa', 'bb', 'cc'], 11)).toEqual({ taken: ['aa', 'bb'], left: 1 })
  })
})

describe('guilds that do not fit into one hello', () => {
  it('have their turn one after the other', () => {
    const rotation = createRotation()
    const all = guilds('a', 'b', 'c', 'd', 'e')

    const named = Array.from({ length: 5 }, () => {
      const offered = rotation.order(PEER, all).slice(0, 2)
      rotation.note(PEER, { offered, named: new Set(offered), isAll: false })
      return offered.join('')
    })

    expect(named).toEqual(['ab', 'cd', 'ea', 'bc', 'de'])
  })

  it.each([1, 2])('all come to be talked about with a peer that answers only to the first %d', (answered) => {
    const rotation = createRotation()
    const all = guilds('a', 'b', 'c', 'd', 'e', 'f')
    const talked = new Set<GuildId>()

    for (let hello = 0; hello < 12; hello += 1) {
      const offered = rotation.order(PEER, all).slice(0, 3)
      const shared = new Set(offered.slice(0, answered))
      rotation.note(PEER, { offered, named: shared, isAll: false })
      for (const guildId of shared) talked.add(guildId)
    }

    expect([...talked].sort()).toEqual(all)
  })

  it('a new one comes before all others', () => {
    const rotation = createRotation()
    rotation.note(PEER, { offered: guilds('a', 'b'), named: new Set(guilds('a', 'b')), isAll: false })

    expect(rotation.order(PEER, guilds('a', 'b', 'new'))).toEqual(['new', 'a', 'b'])
  })
})

import { describe, expect, it } from 'vitest'
import type { GuildId, ServerName } from '../../../node/base/ids.ts'
import { createScoring, THRESHOLDS } from '../../../node/federation/scoring.ts'
import { heldClock } from '../../kit/clock.ts'

const BOB = 'bob' as ServerName
const OURS = 'ours' as GuildId
const SECRET = 'secret' as GuildId

/** One of the two guilds held here is served to Bob. */
function setUp(bobsGuilds: GuildId[] = [OURS]) {
  const clock = heldClock()
  const held = [OURS, SECRET]
  const scoring = createScoring({
    clock,
    membership: { isHeld: (guildId) => held.includes(guildId) },
    access: { isServed: (guildId) => bobsGuilds.includes(guildId), guildsFor: () => bobsGuilds },
  })
  return { scoring, clock }
}

describe('gossip score', () => {
  it('a member gets gossip', () => {
    const { scoring } = setUp()
    scoring.noteListening(BOB, OURS, true)

    expect(scoring.scoreOf(BOB)).toBe(0)
  })

  it('a stranger gets none, and its subscriptions are still heard', () => {
    const { scoring } = setUp([])

    expect(scoring.scoreOf(BOB)).toBeLessThan(THRESHOLDS.publishThreshold)
    expect(scoring.scoreOf(BOB)).toBeGreaterThan(THRESHOLDS.graylistThreshold)
  })

  it('a member of one guild that listens to another gets none until it stops', () => {
    const { scoring } = setUp()

    scoring.noteListening(BOB, SECRET, true)
    const listening = scoring.scoreOf(BOB)
    scoring.noteListening(BOB, SECRET, false)

    expect(listening).toBeLessThan(THRESHOLDS.publishThreshold)
    expect(scoring.scoreOf(BOB)).toBe(0)
  })

  it('a stranger that is let in gets gossip from then on, although it listens to the guild already', () => {
    const bobsGuilds: GuildId[] = []
    const { scoring } = setUp(bobsGuilds)
    scoring.noteListening(BOB, OURS, true)
    const before = scoring.scoreOf(BOB)

    bobsGuilds.push(OURS)

    expect(before).toBeLessThan(THRESHOLDS.publishThreshold)
    expect(scoring.scoreOf(BOB)).toBe(0)
  })

  it('a peer that sends wrong bytes again and again is not heard for a while', () => {
    const { scoring, clock } = setUp()

    for (let count = 0; count < 8; count += 1) scoring.penalise(BOB)
    const punished = scoring.scoreOf(BOB)
    clock.advance(60_000)

    expect(punished).toBeLessThan(THRESHOLDS.graylistThreshold)
    expect(scoring.scoreOf(BOB)).toBe(0)
  })
})

import { describe, expect, it } from 'vitest'
import type { EventId, ServerName } from '../../../node/base/ids.ts'
import { compareGuild, countLacking } from '../../../node/federation/sync/report.ts'

const tip = (origin: string, position: number, fork = '') => ({
  origin: origin as ServerName,
  position,
  eventId: `$${origin}${position}${fork}` as EventId,
})

describe('comparing two nodes', () => {
  it('same tips and same law are in sync', () => {
    const side = { stateHash: 'aa', tips: [tip('a', 3), tip('b', 1)] }

    expect(compareGuild(side, side)).toEqual({ kind: 'in_sync' })
  })

  it('counts what each side lacks', () => {
    const ours = { stateHash: 'aa', tips: [tip('a', 3), tip('b', 10)] }
    const theirs = { stateHash: 'bb', tips: [tip('a', 5), tip('b', 4), tip('c', 2)] }

    expect(compareGuild(ours, theirs)).toEqual({ kind: 'lacking', weLack: 4, theyLack: 6 })
  })

  it('the same events with another law is a divergence', () => {
    const tips = [tip('a', 3)]

    expect(compareGuild({ stateHash: 'aa', tips }, { stateHash: 'bb', tips })).toMatchObject({ kind: 'diverged' })
  })

  it('a fork at the same position counts as one event', () => {
    expect(countLacking([tip('a', 3)], [tip('a', 3, 'fork')])).toBe(1)
  })
})

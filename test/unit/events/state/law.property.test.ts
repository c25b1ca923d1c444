import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { EventId, GuildId } from '../../../../node/base/ids.ts'
import type { LawEvent } from '../../../../node/events/schema/event.ts'
import { createLaw, type Law, type Resolved } from '../../../../node/events/state/law.ts'
import { stateJson } from '../../../../node/events/state/state-hash.ts'
import { causalOrder, history, someOf } from '../../../kit/random-history.ts'
import { createReferenceLaw, type ReferenceOutcome } from '../../../kit/reference-law.ts'

const RUNS = { numRuns: 150 }

const lawOf = (guildId: GuildId, events: readonly LawEvent[]): Law => {
  const law = createLaw(guildId)
  for (const event of events) law.add(event)
  return law
}

const idsOf = (events: readonly LawEvent[]): EventId[] => events.map((event) => event.event_id)
const jsonOf = ({ state }: Resolved): string => (state ? stateJson(state) : '')

function expectAgreement(resolved: Resolved, reference: ReferenceOutcome, ids: readonly EventId[]): void {
  expect(jsonOf(resolved)).toBe(reference.json)
  for (const id of ids) expect(resolved.verdictOf(id)).toEqual(reference.verdicts.get(id))
}

it('the same events give the same hash and verdicts in any order, and twice', () => {
  fc.assert(
    fc.property(history(), fc.gen(), (guild, gen) => {
      const ids = idsOf(guild.lawEvents)
      const expected = createReferenceLaw(guild.lawEvents)(guild.law().heads())

      for (let round = 0; round < 3; round += 1) {
        const order = causalOrder(gen, guild.lawEvents)
        const law = lawOf(guild.guildId, [...order, ...order])
        expect(law.size).toBe(ids.length)
        expect(law.heads()).toEqual(guild.law().heads())
        expect(law.current().hash).toBe(guild.law().current().hash)
        expectAgreement(law.current(), expected, ids)
      }
    }),
    RUNS,
  )
})

it('agrees with the reference at the frontier of every event and at frontiers no event names', () => {
  fc.assert(
    fc.property(history(), fc.gen(), (guild, gen) => {
      const ids = idsOf(guild.lawEvents)
      const law = lawOf(guild.guildId, causalOrder(gen, guild.lawEvents))
      const reference = createReferenceLaw(guild.lawEvents)
      const frontiers = guild.lawEvents.flatMap((event) => [event.auth_events, [event.event_id], someOf(gen, ids)])

      for (const frontier of frontiers) expectAgreement(law.at(frontier), reference(frontier), ids)
    }),
    RUNS,
  )
})

it('agrees with the reference after each single event when asked in between', () => {
  fc.assert(
    fc.property(history(25), fc.gen(), (guild, gen) => {
      const law = createLaw(guild.guildId)
      const reference = createReferenceLaw(guild.lawEvents)

      for (const event of causalOrder(gen, guild.lawEvents)) {
        law.add(event)
        expect(jsonOf(law.current())).toBe(reference(law.heads()).json)
      }
    }),
    RUNS,
  )
})

it('what was resolved at a frontier stays as it was, whatever is added later', () => {
  fc.assert(
    fc.property(history(), fc.gen(), (guild, gen) => {
      const law = createLaw(guild.guildId)
      const seen: { frontier: readonly EventId[]; json: string; resolved: Resolved[] }[] = []
      for (const event of causalOrder(gen, guild.lawEvents)) {
        law.add(event)
        const frontier = law.heads()
        seen.push({ frontier, json: jsonOf(law.current()), resolved: [law.current(), law.at(frontier)] })
      }

      const reference = createReferenceLaw(guild.lawEvents)
      for (const { frontier, json, resolved } of seen) {
        expect(jsonOf(law.at(frontier))).toBe(json)
        for (const old of resolved) expectAgreement(old, reference(frontier), idsOf(guild.lawEvents))
      }
    }),
    RUNS,
  )
})

it('covers what can be reached over auth_events, and nothing else', () => {
  fc.assert(
    fc.property(history(), fc.gen(), (guild, gen) => {
      const ids = idsOf(guild.lawEvents)
      const law = lawOf(guild.guildId, causalOrder(gen, guild.lawEvents))
      const frontier = someOf(gen, ids)
      const past = createReferenceLaw(guild.lawEvents)(frontier).verdicts

      for (const id of ids) expect(law.covers(frontier, [id])).toBe(past.has(id))
      expect(law.covers(frontier, [...past.keys()])).toBe(true)
    }),
    RUNS,
  )
})

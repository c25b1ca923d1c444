import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { EventId } from '../../../../node/base/ids.ts'
import { actorOf } from '../../../../node/events/auth/act.ts'
import type { LawEvent } from '../../../../node/events/schema/event.ts'
import { memberKeyOf } from '../../../../node/events/state/guild-state.ts'
import { createLaw, type Law } from '../../../../node/events/state/law.ts'
import { stateJson } from '../../../../node/events/state/state-hash.ts'
import type { GuildGraph } from '../../../kit/guild-graph.ts'
import { causalOrder, feud, someOf } from '../../../kit/random-history.ts'
import { createReferenceLaw, type ReferenceOutcome } from '../../../kit/reference-law.ts'

const RUNS = { numRuns: 300 }

const idsOf = (events: readonly LawEvent[]): EventId[] => events.map((event) => event.event_id)

function expectAgreement(law: Law, frontier: readonly EventId[], reference: ReferenceOutcome): void {
  const resolved = law.at(frontier)
  expect(resolved.state ? stateJson(resolved.state) : '').toBe(reference.json)
  for (const [id, verdict] of reference.verdicts) expect(resolved.verdictOf(id)).toEqual(verdict)
}

it('agrees with the reference at the frontier of every event and at frontiers no event names, in any order of arrival', () => {
  fc.assert(
    fc.property(feud(), fc.gen(), (guild, gen) => {
      const law = createLaw(guild.guildId)
      const reference = createReferenceLaw(guild.lawEvents)
      const ids = idsOf(guild.lawEvents)
      for (const event of causalOrder(gen, guild.lawEvents)) law.add(event)

      const frontiers = ids.flatMap((id) => [[id], someOf(gen, ids)])
      for (const frontier of [...frontiers, law.heads()]) expectAgreement(law, frontier, reference(frontier))
    }),
    RUNS,
  )
})

it('agrees with the reference after each single event when asked in between', () => {
  fc.assert(
    fc.property(feud(25), fc.gen(), (guild, gen) => {
      const law = createLaw(guild.guildId)
      const reference = createReferenceLaw(guild.lawEvents)
      for (const event of causalOrder(gen, guild.lawEvents)) {
        law.add(event)
        law.add(event)
        expectAgreement(law, law.heads(), reference(law.heads()))
      }
    }),
    RUNS,
  )
})

/** Each pair of events of which neither has seen the other, with what the law of everything says of them. */
function concurrentPairs(
  guild: GuildGraph,
): { event: LawEvent; removal: LawEvent; verdictOf: (e: LawEvent) => string }[] {
  const law = guild.law()
  const now = law.current()
  const verdictOf = (event: LawEvent): string => now.verdictOf(event.event_id)?.kind ?? 'unknown'
  const hasSeen = (later: LawEvent, earlier: LawEvent): boolean => law.covers([later.event_id], [earlier.event_id])
  return guild.lawEvents.flatMap((removal) =>
    guild.lawEvents
      .filter((event) => !hasSeen(event, removal) && !hasSeen(removal, event))
      .map((event) => ({ event, removal, verdictOf })),
  )
}

const EXEMPT: readonly string[] = ['member.leave', 'node.keys']

it('a kick or ban with an effect leaves none to what its target did unseen, but to removals that were found to stand before', () => {
  fc.assert(
    fc.property(feud(), (guild) => {
      for (const { event, removal, verdictOf } of concurrentPairs(guild)) {
        if (removal.event_type !== 'member.kick' && removal.event_type !== 'member.ban') continue
        if (actorOf(event) !== memberKeyOf(removal.content.target) || EXEMPT.includes(event.event_type)) continue
        if (verdictOf(removal) !== 'allowed' || verdictOf(event) !== 'allowed') continue
        expect(['member.kick', 'member.ban', 'member.roles', 'invite.revoke']).toContain(event.event_type)
      }
    }),
    RUNS,
  )
})

it('no unban lifts a ban it has not seen', () => {
  fc.assert(
    fc.property(feud(), (guild) => {
      for (const { event, removal, verdictOf } of concurrentPairs(guild)) {
        if (removal.event_type !== 'member.ban' || event.event_type !== 'member.unban') continue
        if (memberKeyOf(removal.content.target) !== memberKeyOf(event.content.target)) continue
        if (verdictOf(removal) === 'allowed') expect(verdictOf(event)).not.toBe('allowed')
      }
    }),
    RUNS,
  )
})

it('what is void names a removal that has an effect, and that neither saw it nor was seen by it', () => {
  fc.assert(
    fc.property(feud(), (guild) => {
      const law = guild.law()
      const now = law.current()
      for (const { event_id: id } of guild.lawEvents) {
        const verdict = now.verdictOf(id)
        if (verdict?.kind !== 'voided') continue
        expect(now.verdictOf(verdict.removal)).toEqual({ kind: 'allowed' })
        expect(law.covers([id], [verdict.removal])).toBe(false)
        expect(law.covers([verdict.removal], [id])).toBe(false)
      }
    }),
    RUNS,
  )
})

/** An unban is beaten by a ban of its target, a join by the end of its invite. */
const NOT_OF_THE_OWNER_ALONE: readonly string[] = ['member.unban', 'member.join']

it('nothing the owner did is ever void for being the act of the owner', () => {
  fc.assert(
    fc.property(feud(), (guild) => {
      const now = guild.law().current()
      for (const event of guild.lawEvents) {
        if (actorOf(event) !== guild.owner.key || NOT_OF_THE_OWNER_ALONE.includes(event.event_type)) continue
        expect(now.verdictOf(event.event_id)?.kind).not.toBe('voided')
      }
    }),
    RUNS,
  )
})

it('what is void or refused has no effect: without it the rest of the changes comes out the same', () => {
  fc.assert(
    fc.property(feud(), (guild) => {
      const { changes, json, verdicts } = createReferenceLaw(guild.lawEvents)(guild.law().heads())
      const last = changes.at(-1)
      const effective = new Set(changes.map(({ event }) => event.event_id))

      for (const [id, { kind }] of verdicts) expect(effective.has(id)).toBe(kind === 'allowed')
      changes.forEach(({ after }, index) => {
        const next = changes[index + 1]
        if (next) expect(next.before).toBe(after)
      })
      expect(last && stateJson(last.after)).toBe(json)
    }),
    RUNS,
  )
})

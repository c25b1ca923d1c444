import fc from 'fast-check'
import { expect, it } from 'vitest'
import { actorOf } from '../../../../node/events/auth/act.ts'
import { OWNER_ROLE_ID } from '../../../../node/events/permissions.ts'
import type { LawEvent } from '../../../../node/events/schema/event.ts'
import type { GuildState, MemberKey } from '../../../../node/events/state/guild-state.ts'
import { permissionsOf, rankOf } from '../../../../node/events/state/permissions-of.ts'
import { stateJson } from '../../../../node/events/state/state-hash.ts'
import type { GuildGraph } from '../../../kit/guild-graph.ts'
import { history } from '../../../kit/random-history.ts'
import { createReferenceLaw } from '../../../kit/reference-law.ts'

/** One event with an effect, after the genesis, in the order of replay. */
interface Change {
  readonly event: LawEvent
  readonly actor: MemberKey
  readonly before: GuildState
  readonly after: GuildState
  /** The state its author had seen. */
  readonly seen: GuildState
}

function changesOf(guild: GuildGraph): Change[] {
  const resolve = createReferenceLaw(guild.lawEvents)
  return resolve(guild.law().heads()).changes.flatMap(({ event, before, after }) => {
    const { state: seen } = resolve(event.auth_events)
    return before && seen ? [{ event, actor: actorOf(event), before, after, seen }] : []
  })
}

const always = (holds: (change: Change) => void): void =>
  fc.assert(
    fc.property(history(), (guild) => changesOf(guild).forEach(holds)),
    { numRuns: 200 },
  )

const everyone = ({ before, after }: Change): Set<MemberKey> =>
  new Set([...before.members.keys(), ...after.members.keys()])
const gainOf = ({ before, after }: Change, key: MemberKey): number =>
  permissionsOf(after, key) & ~permissionsOf(before, key)
const isWithin = (bits: number, state: GuildState, actor: MemberKey): boolean =>
  (bits & ~permissionsOf(state, actor)) === 0

it('nobody gets a permission but from somebody who holds it and ranks above, or by an invitation', () => {
  always((change) => {
    for (const key of everyone(change)) {
      const gain = gainOf(change, key)
      if (gain === 0) continue
      expect(['member.roles', 'role.put', 'member.join']).toContain(change.event.event_type)
      if (change.event.event_type === 'member.join') expect(key).toBe(change.actor)
      else {
        expect(isWithin(gain, change.before, change.actor)).toBe(true)
        expect(rankOf(change.after, key)).toBeLessThan(rankOf(change.before, change.actor))
      }
    }
  })
})

it('nobody offers in an invitation what they do not hold or what ranks above them', () => {
  always(({ event, actor, before }) => {
    if (event.event_type !== 'invite.create' && event.event_type !== 'member.invite') return
    for (const roleId of event.content.roles ?? ['member']) {
      const role = before.roles.get(roleId)
      expect(role?.position).toBeLessThanOrEqual(rankOf(before, actor))
      expect(isWithin(role?.permissions ?? 0, before, actor)).toBe(true)
      expect(roleId).not.toBe(OWNER_ROLE_ID)
    }
  })
})

it('a newcomer holds what the invitation offers and nothing else', () => {
  always(({ event, actor, before, after }) => {
    if (event.event_type !== 'member.join') return
    const { invite_id: inviteId } = event.content
    const offer = inviteId === undefined ? before.invited.get(actor) : before.invites.get(inviteId)
    expect(after.members.get(actor)?.roles).toEqual(offer?.roles)
  })
})

it('nobody is removed but by themselves or by somebody who, by all they had seen, outranks them', () => {
  always(({ event, actor, before, after, seen }) => {
    for (const key of before.members.keys()) {
      if (after.members.has(key)) continue
      if (event.event_type === 'member.leave') expect(key).toBe(actor)
      else expect(rankOf(seen, actor)).toBeGreaterThan(rankOf(seen, key))
    }
  })
})

it('the owner stays, stays the owner, and stays above all', () => {
  always(({ before, after }) => {
    expect(after.owner).toBe(before.owner)
    expect(after.members.get(after.owner)?.roles).toEqual([OWNER_ROLE_ID])
    for (const key of after.members.keys())
      if (key !== after.owner) expect(rankOf(after, key)).toBeLessThan(rankOf(after, after.owner))
  })
})

it('the state stays consistent', () => {
  always(({ after }) => {
    for (const key of after.members.keys()) expect(after.bans.has(key)).toBe(false)
    for (const holders of [after.members, after.invited, after.invites])
      for (const { roles } of holders.values()) {
        expect(roles).toEqual([...new Set(roles)].sort())
        for (const roleId of roles) expect(after.roles.has(roleId)).toBe(true)
      }
    for (const { uses, maxUses } of after.invites.values()) expect(uses).toBeLessThanOrEqual(maxUses ?? Infinity)
  })
})

it('a state never changes: what comes of an event is a new one', () => {
  fc.assert(
    fc.property(history(), (guild) => {
      const states = changesOf(guild).flatMap(({ before, after }) => [before, after])
      const json = states.map(stateJson)
      changesOf(guild)
      guild.law().current()

      expect(states.map(stateJson)).toEqual(json)
    }),
    { numRuns: 50 },
  )
})

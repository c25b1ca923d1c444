import type { EventId } from '../../node/base/ids.ts'
import { actorOf } from '../../node/events/auth/act.ts'
import { apply } from '../../node/events/auth/apply.ts'
import { authorize } from '../../node/events/auth/authorize.ts'
import { applyRemoval, authorizeRemoval, findRemoval, type RemovalEvent } from '../../node/events/auth/removal.ts'
import { ALLOWED, type LawVerdict, type Verdict } from '../../node/events/auth/verdict.ts'
import type { LawEvent } from '../../node/events/schema/event.ts'
import { type GuildState, type MemberKey, memberKeyOf } from '../../node/events/state/guild-state.ts'
import { rankOf } from '../../node/events/state/permissions-of.ts'
import { stateJson } from '../../node/events/state/state-hash.ts'
import { createdIdOf } from '../../node/events/wire-form.ts'

export interface ReferenceOutcome {
  readonly state: GuildState | undefined
  /** Canonical JSON of the state, or the empty string. */
  readonly json: string
  /** In the order of replay. */
  readonly verdicts: ReadonlyMap<EventId, LawVerdict>
  /** What each event with an effect changed, in the order of replay. */
  readonly changes: readonly Change[]
}

export interface Change {
  readonly event: LawEvent
  /** Undefined for the genesis. */
  readonly before: GuildState | undefined
  readonly after: GuildState
}

/** Which removals stand and what they void, while it is being found out. */
interface Rulings {
  readonly standing: ReadonlySet<LawEvent>
  readonly voided: ReadonlyMap<LawEvent, LawEvent>
}

type Replayed = Omit<ReferenceOutcome, 'json'>

/**
 * R(F) word for word as the protocol has it (docs/PROTOCOL.md section 7), slow and obvious: what the fast resolver must always
 * agree with. Results are kept by frontier, only because ranks need R of every frontier below and would take for ever.
 */
export function createReferenceLaw(events: readonly LawEvent[]): (frontier: readonly EventId[]) => ReferenceOutcome {
  const byId = new Map(events.map((event) => [event.event_id, event]))
  const known = new Map<string, ReferenceOutcome>()
  const pasts = new Map<LawEvent, ReadonlySet<LawEvent>>()

  function resolve(frontier: readonly EventId[]): ReferenceOutcome {
    const key = [...frontier].sort().join()
    const outcome = known.get(key) ?? resolveAll(inOrder(closureOf(frontier)))
    known.set(key, outcome)
    return outcome
  }

  function closureOf(frontier: readonly EventId[]): Set<LawEvent> {
    const closure = new Set<LawEvent>()
    for (const id of frontier) {
      const event = byId.get(id)
      if (!event) throw new Error(`no event ${id}`)
      closure.add(event)
      for (const earlier of pastOf(event)) closure.add(earlier)
    }
    return closure
  }

  function pastOf(event: LawEvent): ReadonlySet<LawEvent> {
    const past = pasts.get(event) ?? closureOf(event.auth_events)
    pasts.set(event, past)
    return past
  }

  const areConcurrent = (left: LawEvent, right: LawEvent): boolean =>
    left !== right && !pastOf(left).has(right) && !pastOf(right).has(left)

  function inOrder(past: ReadonlySet<LawEvent>): LawEvent[] {
    const order: LawEvent[] = []
    const waiting = new Set(past)
    while (waiting.size > 0) {
      const placed = new Set(order.map((event) => event.event_id))
      const ready = [...waiting].filter((event) => event.auth_events.every((id) => placed.has(id)))
      const [first] = ready.sort(byPrecedence)
      if (!first) throw new Error('the graph has a cycle')
      order.push(first)
      waiting.delete(first)
    }
    return order
  }

  function byPrecedence(left: LawEvent, right: LawEvent): number {
    return (
      rankAtCreation(right) - rankAtCreation(left) ||
      left.origin_ts - right.origin_ts ||
      (left.event_id < right.event_id ? -1 : 1)
    )
  }

  function rankAtCreation(event: LawEvent): number {
    const { state } = resolve(event.auth_events)
    return state ? rankOf(state, actorOf(event)) : -1
  }

  function resolveAll(order: readonly LawEvent[]): ReferenceOutcome {
    let replayed: Replayed = { state: undefined, verdicts: new Map(), changes: [] }
    for (const segment of segmentsOf(order)) replayed = resolveSegment(segment, replayed)
    return { ...replayed, json: replayed.state ? stateJson(replayed.state) : '' }
  }

  /** Cut apart at each event that has no concurrent one. */
  function segmentsOf(order: readonly LawEvent[]): LawEvent[][] {
    const segments: LawEvent[][] = [[]]
    for (const event of order) {
      const isCut = !order.some((other) => areConcurrent(event, other))
      if (isCut) segments.push([event], [])
      else segments.at(-1)?.push(event)
    }
    return segments
  }

  function resolveSegment(segment: readonly LawEvent[], before: Replayed): Replayed {
    const standing = new Set<LawEvent>()
    const voided = new Map<LawEvent, LawEvent>()
    for (;;) {
      const replayed = replay(segment, before, { standing, voided })
      const [next] = segment
        .filter((event) => removalIn(event) && !standing.has(event))
        .filter((event) => replayed.verdicts.get(event.event_id)?.kind === 'allowed')
        .sort(byPrecedence)
      if (!next) return replayed
      standing.add(next)
      const hit = segment.filter((event) => areConcurrent(event, next) && isHit(event, next, pastOf(event)))
      for (const event of hit) if (!standing.has(event) && !voided.has(event)) voided.set(event, next)
    }
  }

  function replay(segment: readonly LawEvent[], before: Replayed, rulings: Rulings): Replayed {
    const verdicts = new Map(before.verdicts)
    const changes = [...before.changes]
    let { state } = before
    for (const event of segment) {
      const verdict = judge(event, state, rulings)
      verdicts.set(event.event_id, verdict)
      if (verdict.kind !== 'allowed') continue
      const removal = removalIn(event)
      const after = removal && state ? applyRemoval(removal, state) : apply(event, state)
      changes.push({ event, before: state, after })
      state = after
    }
    return { state, verdicts, changes }
  }

  function judge(event: LawEvent, state: GuildState | undefined, { standing, voided }: Rulings): LawVerdict {
    const removal = voided.get(event)
    if (removal) return { kind: 'voided', code: 'voided', removal: removal.event_id }
    if (standing.has(event)) return ALLOWED
    const taking = removalIn(event)
    if (!taking || !state) return authorize(event, state)
    const whereMade = verdictWhereMade(event)
    return whereMade.kind === 'allowed' ? authorizeRemoval(taking, state) : whereMade
  }

  const removalIn = (event: LawEvent): RemovalEvent | undefined => findRemoval(event, resolve(event.auth_events).state)

  const verdictWhereMade = (event: LawEvent): Verdict => authorize(event, resolve(event.auth_events).state)

  return resolve
}

/** Whether the removal, if it stands, voids this event, which is concurrent with it. */
function isHit(event: LawEvent, removal: LawEvent, past: ReadonlySet<LawEvent>): boolean {
  if (['guild.create', 'member.leave', 'node.keys'].includes(event.event_type)) return false
  switch (removal.event_type) {
    case 'invite.revoke':
      return event.event_type === 'member.join' && event.content.invite_id === removal.content.invite_id
    case 'member.kick':
    case 'member.roles':
      return actorOf(event) === memberKeyOf(removal.content.target)
    case 'member.ban':
      return isHitByBan(event, memberKeyOf(removal.content.target), past)
    default:
      return false
  }
}

function isHitByBan(event: LawEvent, banned: MemberKey, past: ReadonlySet<LawEvent>): boolean {
  if (actorOf(event) === banned) return true
  if (event.event_type === 'member.unban') return memberKeyOf(event.content.target) === banned
  if (event.event_type !== 'member.join') return false
  return [...past].some(
    (earlier) =>
      earlier.event_type === 'invite.create' &&
      actorOf(earlier) === banned &&
      createdIdOf(earlier) === event.content.invite_id,
  )
}

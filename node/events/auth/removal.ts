import type { LawEvent } from '../schema/event.ts'
import { type GuildState, memberKeyOf } from '../state/guild-state.ts'
import { apply } from './apply.ts'
import { authorize } from './authorize.ts'
import { checkIsMember } from './checks.ts'
import { checkMayRevoke } from './rules/invite.ts'
import { checkMayChangeRolesOf } from './rules/member.ts'
import { checkMayBan, checkMayKick } from './rules/moderation.ts'
import { ALLOWED, type Refusal, type Verdict } from './verdict.ts'

/** What takes something from somebody, and so beats what they did unseen (`state/segment.ts`). */
export type RemovalEvent = Extract<
  LawEvent,
  { event_type: 'member.kick' | 'member.ban' | 'member.roles' | 'invite.revoke' }
>

/** The event as a removal, told by the state where it was made: a change of roles is one if the target loses any by it. */
export function findRemoval(event: LawEvent, whereMade: GuildState | undefined): RemovalEvent | undefined {
  switch (event.event_type) {
    case 'member.kick':
    case 'member.ban':
    case 'invite.revoke':
      return event
    case 'member.roles':
      return takesRoles(event, whereMade) ? event : undefined
    default:
      return undefined
  }
}

/**
 * Whether the sender of a removal that was lawful where it was made has the right to it in another state too. What has become of
 * the target does not count: who was removed by somebody else meanwhile, or left, is removed all the same.
 */
export const authorizeRemoval = (event: RemovalEvent, state: GuildState): Verdict =>
  checkIsMember(event, state) ?? checkRight(event, state) ?? ALLOWED

/**
 * The state after a removal that stands, also where `authorize` would refuse it by now. Roles that come along with those taken
 * away are given only where it would not.
 */
export function applyRemoval(event: RemovalEvent, state: GuildState): GuildState {
  if (event.event_type !== 'member.roles' || authorize(event, state).kind === 'allowed') return apply(event, state)
  const key = memberKeyOf(event.content.target)
  const member = state.members.get(key)
  if (!member) return state
  const roles = member.roles.filter((roleId) => event.content.roles.includes(roleId))
  return { ...state, members: state.members.with(key, { ...member, roles }) }
}

type ChangeOfRoles = Extract<RemovalEvent, { event_type: 'member.roles' }>

function takesRoles({ content }: ChangeOfRoles, state: GuildState | undefined): boolean {
  const held = state?.members.get(memberKeyOf(content.target))?.roles ?? []
  return held.some((roleId) => !content.roles.includes(roleId))
}

function checkRight(event: RemovalEvent, state: GuildState): Refusal | undefined {
  switch (event.event_type) {
    case 'member.kick':
      return checkMayKick(event, state)
    case 'member.ban':
      return checkMayBan(event, state)
    case 'member.roles':
      return checkMayChangeRolesOf(event, state)
    case 'invite.revoke':
      return checkMayRevoke(event, state)
  }
}

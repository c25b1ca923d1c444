import type { InviteId } from '../../../base/ids.ts'
import { type GuildState, isBanned, memberKeyOf } from '../../state/guild-state.ts'
import { actorOf, type LawAct } from '../act.ts'
import { checkCanGrant, checkCanInviteWith, checkIsAuthor, checkOutranks, checkPermission } from '../checks.ts'
import { offeredRoles, sortedRoles } from '../offered-roles.ts'
import type { Rule } from '../rule.ts'
import { refuse, type Refusal } from '../verdict.ts'
import { checkInviteAdmits } from './invite.ts'

export const memberJoin: Rule<'member.join'> = {
  check: (act, state) => checkMayEnter(act, state) ?? checkIsAuthor(act) ?? checkIsAdmitted(act, state),
  apply(event, state) {
    const key = actorOf(event)
    const member = {
      userId: event.sender,
      serverName: event.origin_server,
      username: event.content.author.username,
      roles: rolesOfNewcomer(event, state),
      joinedAt: event.origin_ts,
      joinEvent: event.event_id,
    }
    return {
      ...state,
      members: state.members.with(key, member),
      bans: state.bans.without(key), // it had expired, or the join would have been refused
      invited: state.invited.without(key),
      invites: countUse(state, event.content.invite_id),
    }
  },
}

export const memberLeave: Rule<'member.leave'> = {
  check: (act, state) =>
    actorOf(act) === state.owner ? refuse('owner_untouchable', 'The owner can not leave.') : undefined,
  apply: (event, state) => ({ ...state, members: state.members.without(actorOf(event)) }),
}

export const memberInvite: Rule<'member.invite'> = {
  check: (act, state) =>
    checkPermission(act, state, 'create_invites') ??
    checkMayBeInvited(act, state) ??
    checkCanInviteWith(act, state, offeredRoles(act)),
  apply(event, state) {
    const invitation = {
      roles: sortedRoles(offeredRoles(event)),
      invitedBy: actorOf(event),
      inviteEvent: event.event_id,
    }
    return { ...state, invited: state.invited.with(memberKeyOf(event.content.target), invitation) }
  },
}

/** Replaces the roles of the target. Roles it keeps may hold more than the sender does; roles it gets may not. */
export const memberRoles: Rule<'member.roles'> = {
  check(act, state) {
    const target = state.members.get(memberKeyOf(act.content.target))
    if (!target) return refuse('unknown_target', 'The target is not a member.')
    const added = act.content.roles.filter((roleId) => !target.roles.includes(roleId))
    return checkMayChangeRolesOf(act, state) ?? checkCanGrant(act, state, added)
  },
  apply(event, state) {
    const key = memberKeyOf(event.content.target)
    const member = state.members.get(key)
    if (!member) return state
    return { ...state, members: state.members.with(key, { ...member, roles: sortedRoles(event.content.roles) }) }
  },
}

/** Whoever the target is by now, and whatever it gets. */
export function checkMayChangeRolesOf(act: LawAct<'member.roles'>, state: GuildState): Refusal | undefined {
  return checkPermission(act, state, 'manage_roles') ?? checkOutranks(act, state, memberKeyOf(act.content.target))
}

function checkMayEnter(act: LawAct<'member.join'>, state: GuildState): Refusal | undefined {
  const key = actorOf(act)
  if (state.members.has(key)) return refuse('already_a_member', 'The sender is a member already.')
  if (isBanned(state, key, act.origin_ts)) return refuse('banned', 'The sender is banned.')
  return undefined
}

function checkIsAdmitted(act: LawAct<'member.join'>, state: GuildState): Refusal | undefined {
  const inviteId = act.content.invite_id
  if (inviteId !== undefined) return checkInviteAdmits(act, inviteId, state)
  return state.invited.has(actorOf(act)) ? undefined : refuse('not_invited', 'The sender is not invited.')
}

/** Only roles that still exist: those deleted meanwhile were taken out of the invite. */
function rolesOfNewcomer(act: LawAct<'member.join'>, state: GuildState): readonly string[] {
  const inviteId = act.content.invite_id
  const offer = inviteId === undefined ? state.invited.get(actorOf(act)) : state.invites.get(inviteId)
  return offer?.roles ?? []
}

function checkMayBeInvited(act: LawAct<'member.invite'>, state: GuildState): Refusal | undefined {
  const target = memberKeyOf(act.content.target)
  if (state.members.has(target)) return refuse('already_a_member', 'The target is a member already.')
  if (isBanned(state, target, act.origin_ts)) return refuse('banned', 'The target is banned.')
  return undefined
}

function countUse({ invites }: GuildState, inviteId: InviteId | undefined): GuildState['invites'] {
  const invite = inviteId === undefined ? undefined : invites.get(inviteId)
  return invite ? invites.with(invite.inviteId, { ...invite, uses: invite.uses + 1 }) : invites
}

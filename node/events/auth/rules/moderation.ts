import { type GuildState, type MemberKey, memberKeyOf } from '../../state/guild-state.ts'
import { actorOf, type LawAct } from '../act.ts'
import { checkOutranks, checkPermission } from '../checks.ts'
import type { Rule } from '../rule.ts'
import { refuse, type Refusal } from '../verdict.ts'

export const memberKick: Rule<'member.kick'> = {
  check(act, state) {
    const target = memberKeyOf(act.content.target)
    if (!state.members.has(target)) return refuse('unknown_target', 'The target is not a member.')
    return checkMayKick(act, state)
  },
  apply: (event, state) => ({ ...state, members: state.members.without(memberKeyOf(event.content.target)) }),
}

/** Also of strangers, and of the banned: the later ban replaces the earlier one. */
export const memberBan: Rule<'member.ban'> = {
  check: checkMayBan,
  apply(event, state) {
    const target = memberKeyOf(event.content.target)
    const ban = {
      reason: event.content.reason,
      expiresAt: event.content.expires_at,
      bannedAt: event.origin_ts,
      bannedBy: actorOf(event),
      banEvent: event.event_id,
    }
    return withoutInvitesBy(target, {
      ...state,
      bans: state.bans.with(target, ban),
      members: state.members.without(target),
      invited: state.invited.without(target),
    })
  },
}

export const memberUnban: Rule<'member.unban'> = {
  check(act, state) {
    const target = memberKeyOf(act.content.target)
    return (
      checkPermission(act, state, 'ban_members') ??
      (state.bans.has(target) ? undefined : refuse('not_banned', 'The target is not banned.'))
    )
  },
  apply: (event, state) => ({ ...state, bans: state.bans.without(memberKeyOf(event.content.target)) }),
}

/** Whoever the target is by now. */
export function checkMayKick(act: LawAct<'member.kick'>, state: GuildState): Refusal | undefined {
  return checkPermission(act, state, 'kick_members') ?? checkOutranks(act, state, memberKeyOf(act.content.target))
}

export function checkMayBan(act: LawAct<'member.ban'>, state: GuildState): Refusal | undefined {
  return checkPermission(act, state, 'ban_members') ?? checkOutranks(act, state, memberKeyOf(act.content.target))
}

/** Or the banned would come back under another name with an invite kept for that day. */
function withoutInvitesBy(banned: MemberKey, state: GuildState): GuildState {
  const invites = state.invites.mapped((invite) =>
    invite.createdBy === banned && !invite.revoked ? { ...invite, revoked: true } : invite,
  )
  const standing = [...state.invited].filter(([, invitation]) => invitation.invitedBy === banned)
  const invited = standing.reduce((map, [key]) => map.without(key), state.invited)
  return { ...state, invites, invited }
}

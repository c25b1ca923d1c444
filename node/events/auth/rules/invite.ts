import type { GuildId, InviteId } from '../../../base/ids.ts'
import { isJoinProof } from '../../join-proof.ts'
import type { GuildState, Invite } from '../../state/guild-state.ts'
import { actorOf, type LawAct } from '../act.ts'
import { checkCanInviteWith, checkPermission } from '../checks.ts'
import { createdBy } from '../created-id.ts'
import { offeredRoles, sortedRoles } from '../offered-roles.ts'
import { remembered } from '../../state/remembered.ts'
import type { Rule } from '../rule.ts'
import { refuse, type Refusal } from '../verdict.ts'

export const inviteCreate: Rule<'invite.create'> = {
  check: (act, state) =>
    checkPermission(act, state, 'create_invites') ?? checkCanInviteWith(act, state, offeredRoles(act)),
  apply(event, state) {
    const { public_key: publicKey, expires_at: expiresAt, max_uses: maxUses } = event.content
    const inviteId = createdBy(event)
    const invite = {
      inviteId,
      publicKey,
      expiresAt,
      maxUses,
      uses: 0,
      roles: sortedRoles(offeredRoles(event)),
      createdBy: actorOf(event),
      createdAt: event.origin_ts,
      createEvent: event.event_id,
      revoked: false,
    }
    return { ...state, invites: state.invites.with(inviteId, invite) }
  },
}

/** Who made the invite may revoke it, and who manages the guild. */
export const inviteRevoke: Rule<'invite.revoke'> = {
  check(act, state) {
    return state.invites.get(act.content.invite_id)?.revoked ? REVOKED : checkMayRevoke(act, state)
  },
  apply(event, state) {
    const { invite_id: inviteId } = event.content
    const invite = state.invites.get(inviteId)
    return invite ? { ...state, invites: state.invites.with(inviteId, { ...invite, revoked: true }) } : state
  },
}

/** Also what is revoked already. */
export function checkMayRevoke(act: LawAct<'invite.revoke'>, state: GuildState): Refusal | undefined {
  const invite = state.invites.get(act.content.invite_id)
  if (!invite) return UNKNOWN_INVITE
  return invite.createdBy === actorOf(act) ? undefined : checkPermission(act, state, 'manage_guild')
}

/** Whether the invite named in the join lets the sender in, now. */
export function checkInviteAdmits(
  act: LawAct<'member.join'>,
  inviteId: InviteId,
  state: GuildState,
): Refusal | undefined {
  const invite = state.invites.get(inviteId)
  if (!invite) return UNKNOWN_INVITE
  if (invite.revoked) return REVOKED
  if (invite.expiresAt !== undefined && act.origin_ts >= invite.expiresAt)
    return refuse('invite_expired', 'The invite has expired.')
  if (invite.maxUses !== undefined && invite.uses >= invite.maxUses)
    return refuse('invite_used_up', 'The invite was used as often as it may be.')
  return hasProof(act, invite, state.guildId) ? undefined : refuse('bad_proof', 'The proof is not of this invite.')
}

const UNKNOWN_INVITE = refuse('unknown_invite', 'There is no such invite.')
const REVOKED = refuse('invite_revoked', 'The invite was revoked.')

/** What was found out about the proof of a join, by what it depends on besides the join itself. */
const proofsOf = remembered((_join: LawAct<'member.join'>) => new Map<string, boolean>())

function hasProof(join: LawAct<'member.join'>, { publicKey }: Invite, guildId: GuildId): boolean {
  const { proof } = join.content
  if (proof === undefined) return false
  const subject = `${guildId}/${publicKey}`
  const known = proofsOf(join).get(subject)
  if (known !== undefined) return known
  const joiner = { guildId, userId: join.sender, serverName: join.origin_server }
  const valid = isJoinProof(proof, publicKey, joiner)
  proofsOf(join).set(subject, valid)
  return valid
}

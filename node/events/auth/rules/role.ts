import { OWNER_ROLE_ID } from '../../permissions.ts'
import type { GuildState } from '../../state/guild-state.ts'
import type { LawAct } from '../act.ts'
import { checkBelowSender, checkHolds, checkName, checkPermission } from '../checks.ts'
import type { Rule } from '../rule.ts'
import { refuse, type Refusal } from '../verdict.ts'

/** Makes a role or replaces one, default roles included; the role of the owner stays as it is. */
export const rolePut: Rule<'role.put'> = {
  check: (act, state) =>
    checkPermission(act, state, 'manage_roles') ??
    checkIsNotOwnerRole(act) ??
    checkName(act.content.name) ??
    checkExistingIsBelow(act, state) ??
    checkBelowSender(act, state, act.content.position) ??
    checkHolds(act, state, addedBits(act, state)),
  apply(event, state) {
    const { role_id: roleId, name, position, permissions } = event.content
    return { ...state, roles: state.roles.with(roleId, { roleId, name, position, permissions }) }
  },
}

/** Whatever names the role loses it, so that a later role of the same id is given to nobody by old invites. */
export const roleDelete: Rule<'role.delete'> = {
  check: (act, state) =>
    checkPermission(act, state, 'manage_roles') ?? checkIsNotOwnerRole(act) ?? checkIsKnownAndBelow(act, state),
  apply(event, state) {
    const { role_id: roleId } = event.content
    const strip = <Holder extends { readonly roles: readonly string[] }>(holder: Holder): Holder =>
      holder.roles.includes(roleId) ? { ...holder, roles: holder.roles.filter((id) => id !== roleId) } : holder
    return {
      ...state,
      roles: state.roles.without(roleId),
      members: state.members.mapped(strip),
      invited: state.invited.mapped(strip),
      invites: state.invites.mapped(strip),
    }
  },
}

type RoleAct = LawAct<'role.put' | 'role.delete'>

function checkIsNotOwnerRole(act: RoleAct): Refusal | undefined {
  if (act.content.role_id !== OWNER_ROLE_ID) return undefined
  return refuse('owner_untouchable', 'The role of the owner can not be changed.')
}

function checkExistingIsBelow(act: RoleAct, state: GuildState): Refusal | undefined {
  const role = state.roles.get(act.content.role_id)
  return role && checkBelowSender(act, state, role.position)
}

function checkIsKnownAndBelow(act: RoleAct, state: GuildState): Refusal | undefined {
  if (!state.roles.has(act.content.role_id)) return refuse('unknown_role', 'There is no such role.')
  return checkExistingIsBelow(act, state)
}

/** What the role already gives may stay, even where the sender does not hold it. */
function addedBits(act: LawAct<'role.put'>, state: GuildState): number {
  return act.content.permissions & ~(state.roles.get(act.content.role_id)?.permissions ?? 0)
}

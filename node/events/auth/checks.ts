import { hasPermission, MEMBER_ROLE_ID, type Permission } from '../permissions.ts'
import { countScalars, MAX_NAME_SCALARS, trimWhiteSpace } from '../schema/text.ts'
import { type GuildState, isBanned, type MemberKey } from '../state/guild-state.ts'
import { permissionsOf, rankOf } from '../state/permissions-of.ts'
import { type Act, actorOf } from './act.ts'
import { refuse, type Refusal } from './verdict.ts'

// What several rules ask. Each gives the refusal, or undefined when there is nothing to object, so that rules read `a ?? b`.

export function checkIsMember(act: Act, state: GuildState): Refusal | undefined {
  const actor = actorOf(act)
  if (state.members.has(actor)) return undefined
  if (isBanned(state, actor, act.origin_ts)) return refuse('banned', 'The sender is banned.')
  return refuse('not_a_member', 'The sender is not a member.')
}

export function checkPermission(act: Act, state: GuildState, permission: Permission): Refusal | undefined {
  if (hasPermission(permissionsOf(state, actorOf(act)), permission)) return undefined
  return refuse('missing_permission', `The sender lacks the permission ${permission}.`)
}

/** You act on others only if you strictly outrank them, so nobody acts on the owner, or on themselves. */
export function checkOutranks(act: Act, state: GuildState, target: MemberKey): Refusal | undefined {
  if (target === state.owner) return refuse('owner_untouchable', 'Nobody acts on the owner.')
  if (rankOf(state, actorOf(act)) > rankOf(state, target)) return undefined
  return refuse('outranked', 'The sender does not outrank the target.')
}

export function checkIsAuthor(act: Act & { content: { author: { id: string } } }): Refusal | undefined {
  if (act.content.author.id === act.sender) return undefined
  return refuse('author_mismatch', 'The author is not the sender.')
}

export function checkName(name: string): Refusal | undefined {
  const scalars = countScalars(name)
  if (scalars >= 1 && scalars <= MAX_NAME_SCALARS && trimWhiteSpace(name) === name) return undefined
  return refuse('bad_name', `A name has 1 to ${MAX_NAME_SCALARS} characters and no white space at its ends.`)
}

/** Each role exists, lies below the sender, so never that of the owner, and gives nothing the sender does not hold. */
export const checkCanGrant = (act: Act, state: GuildState, roleIds: readonly string[]): Refusal | undefined =>
  firstRefusal(roleIds, (roleId) => checkCanGrantRole(act, state, { roleId, ceiling: 'below_sender' }))

/** As `checkCanGrant`, but members may hand on what every newcomer gets, though it does not lie below themselves. */
export const checkCanInviteWith = (act: Act, state: GuildState, roleIds: readonly string[]): Refusal | undefined =>
  firstRefusal(roleIds, (roleId) =>
    checkCanGrantRole(act, state, {
      roleId,
      ceiling: roleId === MEMBER_ROLE_ID ? 'level_with_sender' : 'below_sender',
    }),
  )

/** Whether the sender may hand out these bits. Bits this version does not know are bits like any other. */
export function checkHolds(act: Act, state: GuildState, bits: number): Refusal | undefined {
  const actor = actorOf(act)
  if (actor === state.owner || (bits & ~permissionsOf(state, actor)) === 0) return undefined
  return refuse('role_not_grantable', 'The role has permissions that the sender does not hold.')
}

export function checkBelowSender(act: Act, state: GuildState, position: number): Refusal | undefined {
  if (position < rankOf(state, actorOf(act))) return undefined
  return refuse('role_not_grantable', 'The role does not lie below the sender.')
}

interface Grant {
  readonly roleId: string
  readonly ceiling: 'below_sender' | 'level_with_sender'
}

function checkCanGrantRole(act: Act, state: GuildState, { roleId, ceiling }: Grant): Refusal | undefined {
  const role = state.roles.get(roleId)
  if (!role) return refuse('unknown_role', `There is no role ${roleId}.`)
  const lowest = ceiling === 'below_sender' ? role.position : role.position - 1
  return checkBelowSender(act, state, lowest) ?? checkHolds(act, state, role.permissions)
}

function firstRefusal<Item>(items: readonly Item[], check: (item: Item) => Refusal | undefined): Refusal | undefined {
  for (const item of items) {
    const refusal = check(item)
    if (refusal) return refusal
  }
  return undefined
}

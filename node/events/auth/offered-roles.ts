import { MEMBER_ROLE_ID } from '../permissions.ts'
import type { LawAct } from './act.ts'

/** What an invitation offers to who accepts it. */
export const offeredRoles = (act: LawAct<'member.invite' | 'invite.create'>): readonly string[] =>
  act.content.roles ?? [MEMBER_ROLE_ID]

/** As the state holds them: each once, in one order. */
export const sortedRoles = (roleIds: readonly string[]): readonly string[] => [...new Set(roleIds)].sort()

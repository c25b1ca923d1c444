import { hasPermission, type Permission } from '../../permissions.ts'
import { findChannel, type GuildState } from '../../state/guild-state.ts'
import { permissionsOf } from '../../state/permissions-of.ts'
import { actorOf, type TimelineAct } from '../act.ts'
import { checkIsAuthor } from '../checks.ts'
import { refuse, type Refusal } from '../verdict.ts'

const NEEDED: readonly Permission[] = ['view_channel', 'send_messages']

export function checkMessage(act: TimelineAct<'message'>, state: GuildState): Refusal | undefined {
  const channel = findChannel(state, act.room_id)
  if (!channel) return refuse('unknown_channel', 'There is no such channel.')
  const held = permissionsOf(state, actorOf(act), channel.id)
  const lacking = NEEDED.find((permission) => !hasPermission(held, permission))
  if (lacking) return refuse('missing_permission', `The sender lacks the permission ${lacking}.`)
  return checkIsAuthor(act)
}

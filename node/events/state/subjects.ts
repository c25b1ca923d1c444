import type { InviteId } from '../../base/ids.ts'
import { actorOf } from '../auth/act.ts'
import type { RemovalEvent } from '../auth/removal.ts'
import type { LawEvent } from '../schema/event.ts'
import { type MemberKey, memberKeyOf } from './guild-state.ts'

declare const subjectBrand: unique symbol
/** What links a removal to the acts it is aimed at. */
export type Subject = string & { readonly [subjectBrand]: true }

const actsOf = (actor: MemberKey): Subject => `acts of ${actor}` as Subject
const unbansOf = (target: MemberKey): Subject => `unbans of ${target}` as Subject
const usesOf = (inviteId: InviteId): Subject => `uses of ${inviteId}` as Subject
const guestsOf = (maker: MemberKey): Subject => `guests of ${maker}` as Subject

/** A removal voids the concurrent acts on these. */
export function aimsOf(removal: RemovalEvent): readonly Subject[] {
  if (removal.event_type === 'invite.revoke') return [usesOf(removal.content.invite_id)]
  const target = memberKeyOf(removal.content.target)
  // An unban can not lift a ban it has not seen, and a ban revokes the invites of its target.
  return removal.event_type === 'member.ban' ? [actsOf(target), unbansOf(target), guestsOf(target)] : [actsOf(target)]
}

/**
 * Which removals can void the event. Who leaves takes nothing from anybody; and what makes a key statement genuine is the node's
 * identity, whoever carries it. `findMaker` tells who made an invite, if the event has that in its past.
 */
export function subjectsOf(
  event: LawEvent,
  findMaker: (inviteId: InviteId) => MemberKey | undefined,
): readonly Subject[] {
  switch (event.event_type) {
    case 'guild.create':
    case 'member.leave':
    case 'node.keys':
      return []
    case 'member.unban':
      return [actsOf(actorOf(event)), unbansOf(memberKeyOf(event.content.target))]
    case 'member.join':
      return [actsOf(actorOf(event)), ...entranceOf(event.content.invite_id, findMaker)]
    default:
      return [actsOf(actorOf(event))]
  }
}

function entranceOf(
  inviteId: InviteId | undefined,
  findMaker: (inviteId: InviteId) => MemberKey | undefined,
): readonly Subject[] {
  if (inviteId === undefined) return []
  const maker = findMaker(inviteId)
  return maker === undefined ? [usesOf(inviteId)] : [usesOf(inviteId), guestsOf(maker)]
}

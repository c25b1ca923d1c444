import { fromBase64Url } from '../base/bytes.ts'
import { AppError } from '../base/errors.ts'
import { type Invite as InviteLink, parseInviteLink } from '../events/invite-link.ts'
import { invitePublicKey } from '../events/join-proof.ts'
import type { Invite } from '../events/state/guild-state.ts'

/** Throws `invite_invalid` with a sentence for who pasted the link. */
export function readLink(text: string): InviteLink {
  const outcome = parseInviteLink(text)
  if (outcome.kind === 'refused') throw new AppError('invite_invalid', sentence(outcome.message))
  return outcome.invite
}

/**
 * Why nobody joins with this link now. The law would refuse the join too, but only as forbidden; here each reason has its
 * own code and sentence.
 */
export function faultOf(invite: Invite | undefined, link: InviteLink, now: number): AppError | undefined {
  if (invite === undefined) {
    return new AppError('invite_invalid', 'This guild has no such invite: it belongs to another one')
  }
  if (invite.publicKey !== invitePublicKey(fromBase64Url(link.secret))) {
    const message = 'The secret in this link is not the one of the invite: copy the whole link again'
    return new AppError('invite_invalid', message)
  }
  if (invite.revoked) return new AppError('invite_revoked', 'This invite was revoked; ask for a new one')
  if (invite.expiresAt !== undefined && invite.expiresAt <= now) return expired()
  if (invite.maxUses !== undefined && invite.uses >= invite.maxUses) {
    return new AppError('invite_used_up', 'This invite was used as often as it may be; ask for a new one')
  }
  return undefined
}

export const expired = () => new AppError('invite_expired', 'This invite has expired; ask for a new one')

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

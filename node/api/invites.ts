import { z } from 'zod'
import type { Invite } from '../events/state/guild-state.ts'
import type { CreatedInvite } from '../services/invites.ts'
import type { createdInviteSchema, inviteSchema } from './invite-shapes.ts'
import { presentTime } from './times.ts'

export { createdInviteSchema, createInviteSchema, inviteSchema } from './invite-shapes.ts'

export const joinSchema = z.object({ link: z.string().describe('`openguild://join/…`') })

export const presentInvite = (invite: Invite): z.output<typeof inviteSchema> => ({
  invite_id: invite.inviteId,
  created_at: presentTime(invite.createdAt),
  ...(invite.expiresAt === undefined ? {} : { expires_at: presentTime(invite.expiresAt) }),
  ...(invite.maxUses === undefined ? {} : { max_uses: invite.maxUses }),
  uses: invite.uses,
  roles: [...invite.roles],
  revoked: invite.revoked,
})

export const presentCreatedInvite = ({ invite, link }: CreatedInvite): z.output<typeof createdInviteSchema> => ({
  ...presentInvite(invite),
  link,
})

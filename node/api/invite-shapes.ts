import { z } from 'zod'
import { timeSchema } from './times.ts'

const TEN_YEARS_SECS = 10 * 366 * 86_400

export const createInviteSchema = z.object({
  max_uses: z.int().min(1).max(1_000_000).nullish().describe('Most joins; any number when absent'),
  expires_in_secs: z.int().min(1).max(TEN_YEARS_SECS).nullish().describe('Seconds from now; never when absent'),
  roles: z
    .array(z.string().min(1).max(64))
    .max(64)
    .nullish()
    .describe('Roles of whoever joins; plain members when absent'),
})

export const inviteSchema = z
  .object({
    invite_id: z.uuid(),
    created_at: timeSchema('When it was made'),
    expires_at: timeSchema('Nobody joins with it from here on').optional(),
    max_uses: z.int().optional(),
    uses: z.int(),
    roles: z.array(z.string()),
    revoked: z.boolean(),
  })
  .meta({ id: 'Invite' })

export const createdInviteSchema = inviteSchema
  .extend({ link: z.string().describe('`openguild://join/…`; shown only here, because it holds the secret') })
  .meta({ id: 'CreatedInvite' })

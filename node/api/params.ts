import { z } from 'zod'
import { channelIdSchema, eventIdSchema, guildIdSchema, inviteIdSchema, parseUuid, userIdSchema } from '../base/ids.ts'

const UUID_DOC = { type: 'string', format: 'uuid' } as const

/** A UUID in any of the spellings the original takes (contract 1.5), as the lower-case hyphenated one. */
const uuidText = z.string().transform((text, context) => {
  const uuid = parseUuid(text)
  if (uuid !== undefined) return uuid
  context.addIssue({ code: 'custom', message: 'must be a UUID' })
  return z.NEVER
})

export const guildIdParam = uuidText.pipe(guildIdSchema).meta({ ...UUID_DOC, description: 'Guild' })
export const channelIdParam = uuidText.pipe(channelIdSchema).meta({ ...UUID_DOC, description: 'Channel' })
export const inviteIdParam = uuidText.pipe(inviteIdSchema).meta({ ...UUID_DOC, description: 'Invite' })
export const userIdParam = uuidText.pipe(userIdSchema).meta({ ...UUID_DOC, description: 'User' })
export const eventIdParam = eventIdSchema.meta({ type: 'string', description: 'Event id: `$` and base58' })

/** A whole number in a query, or a 400. `limit=abc` and `limit=1.5` are refused, `limit=-3` is a number. */
export const integerQuery = (description: string) =>
  z
    .string()
    .regex(/^[+-]?\d{1,19}$/, 'must be a whole number')
    .transform(Number)
    .meta({ type: 'integer', pattern: undefined, description })

import { z } from 'zod'
import type { SentEvent } from '../services/timeline/types.ts'
import { integerQuery } from './params.ts'
import { presentTime, timeSchema } from './times.ts'

const MAX_TXN_ID_CHARACTERS = 64
const DEFAULT_PAGE = 50

export const sendMessageSchema = z.object({
  sender: z.string().describe('The caller’s user id, or empty'),
  content: z.string().describe('1 to 4000 characters after trimming'),
  txn_id: z
    .string()
    .min(1)
    .max(MAX_TXN_ID_CHARACTERS)
    .nullish()
    .describe('The client’s own id for this message: sent again, it gives the first answer'),
})

export const sentMessageSchema = z
  .object({
    sequence: z.int().describe('Place in the channel, from 1'),
    event_id: z.string(),
    created_at: timeSchema('Time of the event'),
  })
  .meta({ id: 'SentMessage' })

export function presentSentMessage(sent: SentEvent): z.output<typeof sentMessageSchema> {
  if (sent.sequence === null) throw new Error(`The message ${sent.eventId} was stored without a sequence`)
  return { sequence: sent.sequence, event_id: sent.eventId, created_at: presentTime(sent.originTs) }
}

export const pageQuerySchema = z.object({
  limit: integerQuery('Most events to give, 1 to 200').default(DEFAULT_PAGE),
  since: integerQuery('Only events after this sequence, oldest first').optional(),
})

import { z } from 'zod'
import { eventEnvelopeSchema, presentPage } from '../../api/frames.ts'
import { pageQuerySchema, presentSentMessage, sendMessageSchema, sentMessageSchema } from '../../api/messages.ts'
import { channelIdParam } from '../../api/params.ts'
import { toAuthor } from '../../services/guild-access.ts'
import type { Messages } from '../../services/messages.ts'
import { session } from '../guards.ts'
import { json, rawJson } from '../reply.ts'
import { route, type Route } from '../route.ts'

const common = { family: 'client', tag: 'Messages', auth: session, errorStyle: 'bare' } as const
const ofChannel = z.object({ channel_id: channelIdParam })

export function messageRoutes({ messages }: { messages: Messages }): Route[] {
  return [
    route({
      ...common,
      method: 'POST',
      path: '/channels/{channel_id}/messages',
      summary: 'Post a message',
      description: 'Answered when the message is on disk.',
      params: ofChannel,
      body: sendMessageSchema,
      response: { status: 200, schema: sentMessageSchema },
      errors: ['validation_error', 'forbidden', 'rate_limited', 'not_found', 'conflict', 'storage_full'],
      async handler({ params, body, caller, request }) {
        const message = {
          channelId: params.channel_id,
          sender: body.sender,
          text: body.content,
          txnId: body.txn_id ?? undefined,
        }
        return json(200, presentSentMessage(await messages.send(toAuthor(caller), message, request.address)))
      },
    }),
    route({
      ...common,
      method: 'GET',
      path: '/channels/{channel_id}/events',
      summary: 'A page of messages, oldest first',
      description: 'Without `since` the newest ones, with it the oldest ones after that sequence.',
      params: ofChannel,
      query: pageQuerySchema,
      response: { status: 200, schema: z.array(eventEnvelopeSchema) },
      errors: ['not_found'],
      handler: ({ params, query, caller }) =>
        rawJson(200, presentPage(messages.page(caller.userId, params.channel_id, query))),
    }),
  ]
}

import { z } from 'zod'
import { channelIdParam, integerQuery } from '../../api/params.ts'
import type { ChannelId } from '../../base/ids.ts'
import { anyone } from '../guards.ts'
import type { Reply } from '../reply.ts'
import { route, type Route } from '../route.ts'

/** An answer whose text is passed on as it is: events keep the number tokens they were signed with. */
interface Answer {
  status: number
  contentType: string
  text: string
}

export interface FederationRouteDeps {
  httpFederation: {
    receive(bodyText: string): Promise<Answer>
    listEvents(channelId: ChannelId, origin: string | undefined, query: { limit: number; since?: number }): Answer
    keys(): Answer
  }
}

const common = { family: 'root', tag: 'Federation', auth: anyone, errors: [], errorStyle: 'bare' } as const
const DEFAULT_PAGE = 50

/** What servers ask over HTTP (contract 6). Nodes of ours speak libp2p with each other. */
export function federationRoutes({ httpFederation }: FederationRouteDeps): Route[] {
  return [
    route({
      ...common,
      method: 'POST',
      path: '/federation/transactions',
      summary: 'Push signed events into channels of this node',
      description: '202 all accepted, 207 some rejected, 400 all rejected, 501 while no server is trusted.',
      body: z.unknown(),
      response: { status: 202, schema: transactionSchema },
      handler: async ({ bodyText }) => toReply(await httpFederation.receive(bodyText)),
    }),
    route({
      ...common,
      method: 'GET',
      path: '/federation/channels/{channel_id}/events',
      summary: 'Events of a channel, for trusted servers',
      description: 'The server names itself in `X-OpenGuild-Origin`.',
      params: z.object({ channel_id: channelIdParam }),
      query: z.object({
        limit: integerQuery('1 to 200, 50 when absent').optional(),
        since: integerQuery('Only events after this sequence').optional(),
      }),
      response: { status: 200, schema: historySchema },
      handler({ params, query, request }) {
        const { limit = DEFAULT_PAGE, since } = query
        const page = since === undefined ? { limit } : { limit, since }
        return toReply(httpFederation.listEvents(params.channel_id, request.header('x-openguild-origin'), page))
      },
    }),
    route({
      ...common,
      method: 'GET',
      path: '/federation/keys',
      summary: 'Newest key statement of this node',
      response: { status: 200, schema: z.looseObject({ peer_id: z.string(), sequence: z.int() }) },
      handler: () => toReply(httpFederation.keys()),
    }),
  ]
}

const transactionSchema = z
  .object({
    origin: z.string(),
    accepted: z.array(z.string()),
    rejected: z.array(z.object({ event_id: z.string(), reason: z.string().describe('For people; do not parse') })),
    disabled: z.boolean(),
  })
  .meta({ id: 'TransactionResult' })

const historySchema = z
  .object({
    origin: z.string(),
    channel_id: z.string(),
    events: z.array(z.object({ sequence: z.int(), channel_id: z.string(), event: z.looseObject({}) })),
  })
  .meta({ id: 'FederatedHistory' })

const toReply = ({ status, contentType, text }: Answer): Reply => ({ status, contentType, body: text })

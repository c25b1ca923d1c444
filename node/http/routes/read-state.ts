import { z } from 'zod'
import { markReadSchema, presentReadState, readStateSchema } from '../../api/channels.ts'
import { channelIdParam } from '../../api/params.ts'
import type { ReadMarkers } from '../../services/read-markers.ts'
import { session } from '../guards.ts'
import { json } from '../reply.ts'
import { route, type Route } from '../route.ts'

const common = { family: 'client', tag: 'Read state', auth: session, errorStyle: 'bare' } as const

export function readStateRoutes({ readMarkers }: { readMarkers: ReadMarkers }): Route[] {
  return [
    route({
      ...common,
      method: 'POST',
      path: '/channels/{channel_id}/read',
      summary: 'Mark messages as read',
      description: 'Up to `sequence`, or all of them. A marker never moves backwards.',
      params: z.object({ channel_id: channelIdParam }),
      body: markReadSchema,
      response: { status: 200, schema: readStateSchema },
      errors: ['not_found', 'storage_full'],
      async handler({ params, body, caller }) {
        const state = await readMarkers.mark(caller.userId, params.channel_id, body.sequence ?? undefined)
        return json(200, presentReadState(state))
      },
    }),
    route({
      ...common,
      method: 'GET',
      path: '/channels/unread',
      summary: 'Unread messages of every channel you may view',
      response: { status: 200, schema: z.array(readStateSchema) },
      errors: [],
      handler: ({ caller }) => json(200, readMarkers.list(caller.userId).map(presentReadState)),
    }),
  ]
}

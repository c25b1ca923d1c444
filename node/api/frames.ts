import { z } from 'zod'
import type { StoredEvent } from '../services/timeline/types.ts'
import type { ChannelBody } from './channels.ts'

// Stored event text goes out as it is: spliced, never parsed, so number tokens survive (contract 5.3).

/** A stored event that has a place in its channel. */
export type ShownEvent = Pick<StoredEvent, 'roomId' | 'body'> & { readonly sequence: number }

export const isShown = (event: StoredEvent): event is StoredEvent & { sequence: number } => event.sequence !== null

export const eventEnvelopeSchema = z
  .object({
    sequence: z.int(),
    channel_id: z.uuid(),
    event: z.record(z.string(), z.unknown()).describe('Canonical event v1'),
  })
  .meta({ id: 'EventEnvelope' })

/** One element of a page and one frame of a channel socket (contract 2.10, 3.2). */
export const presentEnvelope = ({ sequence, roomId, body }: ShownEvent): string =>
  `{"sequence":${sequence},"channel_id":"${roomId}","event":${body}}`

export const presentPage = (events: readonly StoredEvent[]): string =>
  `[${events.filter(isShown).map(presentEnvelope).join(',')}]`

/** Notification of a message (contract 3.3). */
export const presentMessageNotification = ({ sequence, roomId, body }: ShownEvent): string =>
  `{"kind":"channel_message","channel_id":"${roomId}","sequence":${sequence},"event":${body}}`

/** Notification of a new channel (contract 3.3). */
export const presentChannelNotification = (channel: ChannelBody): string =>
  JSON.stringify({
    kind: 'channel_created',
    channel_id: channel.channel_id,
    guild_id: channel.guild_id,
    event: channel,
  })

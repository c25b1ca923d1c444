import type { ChannelId } from '../base/ids.ts'
import { presentChannel } from '../api/channels.ts'
import {
  isShown,
  presentChannelNotification,
  presentEnvelope,
  presentMessageNotification,
  type ShownEvent,
} from '../api/frames.ts'
import { findChannelMadeBy } from '../services/channels.ts'
import type { StoredEvent, Timeline } from '../services/timeline/types.ts'
import type { Batch } from './batch.ts'
import type { GatewayMetrics } from './metrics.ts'
import type { Subscribers } from './subscribers.ts'

export interface FanOutDeps {
  subscribers: Subscribers
  timeline: Pick<Timeline, 'stateOf'>
  metrics: GatewayMetrics
}

/** Gives the stored events of one page to everyone who may see them. */
export type FanOut = (events: readonly StoredEvent[], batch: Batch) => void

export function createFanOut({ subscribers, timeline, metrics }: FanOutDeps): FanOut {
  function sendLive(event: StoredEvent & ShownEvent, batch: Batch): void {
    const listeners = subscribers.inChannel(event.roomId as ChannelId)
    if (listeners.size === 0) return metrics.fannedOut('no_subscribers')
    const frame = Buffer.from(presentEnvelope(event))
    let dropped = 0
    for (const subscriber of listeners) {
      if (event.sequence <= subscriber.after) continue
      if (!batch.send(subscriber.connection, frame)) dropped += 1
    }
    metrics.fannedOut(dropped < listeners.size ? 'delivered' : 'dropped')
  }

  function notify(event: StoredEvent, batch: Batch, present: () => string): void {
    const audience = subscribers.audiences.of(event.guildId)
    if (audience.length === 0) return
    const frame = Buffer.from(present())
    for (const { connection } of audience) batch.send(connection, frame)
  }

  function announceChannel(event: StoredEvent, batch: Batch): void {
    const state = timeline.stateOf(event.guildId)
    // Undefined when the law refused the event, or the channel is gone already.
    const channel = state && findChannelMadeBy(state, event.eventId)
    if (channel === undefined) return
    notify(event, batch, () => presentChannelNotification(presentChannel({ guildId: event.guildId, channel })))
  }

  return (events, batch) => {
    // The law is already that of the whole page, so who lost access is gone before any frame of it leaves.
    for (const guildId of new Set(events.filter((event) => event.isLaw).map((event) => event.guildId))) {
      subscribers.recheck(guildId)
    }
    for (const event of events) {
      if (event.eventType === 'channel.create') announceChannel(event, batch)
      if (!isShown(event)) continue
      sendLive(event, batch)
      notify(event, batch, () => presentMessageNotification(event))
    }
  }
}

import { isShown, presentEnvelope } from '../api/frames.ts'
import type { StoredEvent, Timeline } from '../services/timeline/types.ts'
import type { Connection } from './connection.ts'
import type { ChannelSubscriber } from './subscribers.ts'

/** What a socket gets when it asks for nothing (contract 3.2). */
const NEWEST = 50
/** A client that missed more than this reads the rest with `GET /channels/{id}/events?since=`. */
const MAX_MISSED = 1_000
const PAGE = 100

/**
 * Sends what a new socket has not seen, then lets it hear the hub. The log is read until nothing is left and the switch
 * happens in that same turn, so there is neither a gap nor a repeat. `since` is the last sequence the client has.
 */
export async function replay(
  timeline: Pick<Timeline, 'page' | 'latestSequence'>,
  subscriber: ChannelSubscriber,
  since: number | undefined,
): Promise<void> {
  const { connection, channelId } = subscriber
  const latest = timeline.latestSequence(channelId)
  let cursor = firstToSkip(latest, since)
  for (;;) {
    const events = timeline.page(channelId, { limit: PAGE, since: cursor })
    sendPage(connection, events)
    cursor = events.at(-1)?.sequence ?? cursor
    if (events.length < PAGE) break
    await connection.drained()
  }
  subscriber.after = cursor
}

/** The sequence to read on from. A client that claims to be ahead of the channel is treated as up to date. */
function firstToSkip(latest: number, since: number | undefined): number {
  if (since === undefined) return Math.max(0, latest - NEWEST)
  return Math.min(latest, Math.max(0, since, latest - MAX_MISSED))
}

function sendPage(connection: Connection, events: readonly StoredEvent[]): void {
  connection.cork()
  for (const event of events) if (isShown(event)) connection.send(Buffer.from(presentEnvelope(event)))
  connection.uncork()
}

import type { Clock } from '../base/clock.ts'
import type { ChannelId, UserId } from '../base/ids.ts'
import type { Database } from '../storage/database.ts'
import { insertReadMarkerIfMissing, listReadMarkers, raiseReadMarker } from '../storage/read-markers.ts'
import { type GuildAccess, visibleChannels } from './guild-access.ts'
import type { Timeline } from './timeline/types.ts'

/** How far a user has read a channel. Sequences count the messages of that channel, so `unread` counts messages. */
export interface ReadState {
  readonly channelId: ChannelId
  readonly lastRead: number
  readonly latest: number
  readonly unread: number
}

export interface ReadMarkers {
  /**
   * Marks as read up to `sequence` (default: everything), clamped to what exists. The stored marker never moves backwards,
   * the answer shows the clamped request (contract 2.11). Throws `not_found`.
   */
  mark(userId: UserId, channelId: ChannelId, sequence: number | undefined): Promise<ReadState>
  /** All channels the user may view. */
  list(userId: UserId): ReadState[]
  /** What is in these channels now does not count as unread, unless the user has a marker there already. */
  startAtLatest(userId: UserId, channelIds: readonly ChannelId[]): Promise<void>
}

export interface ReadMarkersDeps {
  db: Pick<Database, 'read' | 'write'>
  timeline: Pick<Timeline, 'latestSequence'>
  access: Pick<GuildAccess, 'getChannelSeat' | 'listSeats'>
  clock: Clock
}

export function createReadMarkers({ db, timeline, access, clock }: ReadMarkersDeps): ReadMarkers {
  const markersOf = (userId: UserId) => db.read((tx) => listReadMarkers(tx, userId))
  const markerAt = (userId: UserId, channelId: ChannelId, sequence: number) => ({
    userId,
    channelId,
    sequence,
    updatedAt: clock.now(),
  })

  return {
    async mark(userId, channelId, sequence) {
      access.getChannelSeat(userId, channelId)
      const latest = timeline.latestSequence(channelId)
      const lastRead = Math.max(0, Math.min(sequence ?? latest, latest))
      await db.write((tx) => raiseReadMarker(tx, markerAt(userId, channelId, lastRead)))
      return readState(channelId, lastRead, latest)
    },
    list(userId) {
      const markers = markersOf(userId)
      return access
        .listSeats(userId)
        .flatMap(visibleChannels)
        .map(({ id }) => readState(id, markers.get(id) ?? 0, timeline.latestSequence(id)))
    },
    async startAtLatest(userId, channelIds) {
      const markers = markersOf(userId)
      const unmarked = channelIds.filter((channelId) => !markers.has(channelId))
      if (unmarked.length === 0) return
      await db.write((tx) => {
        for (const channelId of unmarked) {
          insertReadMarkerIfMissing(tx, markerAt(userId, channelId, timeline.latestSequence(channelId)))
        }
      })
    },
  }
}

function readState(channelId: ChannelId, lastRead: number, latest: number): ReadState {
  return { channelId, lastRead, latest, unread: Math.max(0, latest - lastRead) }
}

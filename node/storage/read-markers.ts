import type { ChannelId, UserId } from '../base/ids.ts'
import type { ReadTx, WriteTx } from './database.ts'

export interface ReadMarker {
  channelId: ChannelId
  userId: UserId
  /** Last read message, in the channel's sequence; 0 when none was. */
  sequence: number
  /** Milliseconds since the Unix epoch. */
  updatedAt: number
}

export function listReadMarkers(tx: ReadTx, userId: UserId): Map<ChannelId, number> {
  const rows = tx.all<{ channel_id: ChannelId; sequence: number }>(
    'SELECT channel_id, sequence FROM read_markers WHERE user_id = ?',
    userId,
  )
  return new Map(rows.map((row) => [row.channel_id, row.sequence]))
}

/** A marker never moves backwards. */
export function raiseReadMarker(tx: WriteTx, marker: ReadMarker): void {
  tx.run(
    `INSERT INTO read_markers (channel_id, user_id, sequence, updated_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (user_id, channel_id) DO UPDATE
       SET sequence = excluded.sequence, updated_at = excluded.updated_at
       WHERE excluded.sequence > read_markers.sequence`,
    marker.channelId,
    marker.userId,
    marker.sequence,
    marker.updatedAt,
  )
}

export function insertReadMarkerIfMissing(tx: WriteTx, marker: ReadMarker): void {
  tx.run(
    `INSERT INTO read_markers (channel_id, user_id, sequence, updated_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (user_id, channel_id) DO NOTHING`,
    marker.channelId,
    marker.userId,
    marker.sequence,
    marker.updatedAt,
  )
}

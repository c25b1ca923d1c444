import { z } from 'zod'
import type { ServerName } from '../base/ids.ts'
import type { ReadTx, WriteTx } from './database.ts'

/** A node we know of, from an invite, a join, a guild, discovery or the admin. */
export interface PeerRow {
  peerId: ServerName
  /** Multiaddrs without the `/p2p` part, newest first. */
  addresses: readonly string[]
  /** The same, as other nodes say. */
  hinted: readonly string[]
  displayName: string | undefined
  blocked: boolean
  /** Added by the admin: dialled even without a shared guild. */
  pinned: boolean
  lastSeenAt: number | undefined
  lastSyncedAt: number | undefined
}

interface RawPeerRow {
  peer_id: string
  addresses: string
  hinted: string
  display_name: string | null
  blocked: number
  pinned: number
  last_seen_at: number | null
  last_synced_at: number | null
}

const addressesSchema = z.array(z.string())

function toPeerRow(row: RawPeerRow): PeerRow {
  return {
    peerId: row.peer_id as ServerName,
    addresses: addressesSchema.parse(JSON.parse(row.addresses)),
    hinted: addressesSchema.parse(JSON.parse(row.hinted)),
    displayName: row.display_name ?? undefined,
    blocked: row.blocked === 1,
    pinned: row.pinned === 1,
    lastSeenAt: row.last_seen_at ?? undefined,
    lastSyncedAt: row.last_synced_at ?? undefined,
  }
}

export function listPeers(tx: ReadTx): PeerRow[] {
  return tx.all<RawPeerRow>('SELECT * FROM peers ORDER BY peer_id').map(toPeerRow)
}

/** Writes the whole row. */
export function upsertPeer(tx: WriteTx, peer: PeerRow): void {
  tx.run(
    `INSERT INTO peers (peer_id, addresses, hinted, display_name, blocked, pinned, last_seen_at, last_synced_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (peer_id) DO UPDATE SET
       addresses = excluded.addresses, hinted = excluded.hinted, display_name = excluded.display_name, blocked = excluded.blocked,
       pinned = excluded.pinned, last_seen_at = excluded.last_seen_at, last_synced_at = excluded.last_synced_at`,
    peer.peerId,
    JSON.stringify(peer.addresses),
    JSON.stringify(peer.hinted),
    peer.displayName ?? null,
    peer.blocked ? 1 : 0,
    peer.pinned ? 1 : 0,
    peer.lastSeenAt ?? null,
    peer.lastSyncedAt ?? null,
  )
}

export function deletePeer(tx: WriteTx, peerId: ServerName): void {
  tx.run('DELETE FROM peers WHERE peer_id = ?', peerId)
}

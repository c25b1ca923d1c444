import type { ServerName } from '../base/ids.ts'
import type { Clock } from '../base/clock.ts'
import type { Database } from '../storage/database.ts'
import { deletePeer, listPeers, type PeerRow, upsertPeer } from '../storage/peers.ts'

export type KnownPeer = PeerRow

/** The address book of this node. Kept in memory, written behind; survives restarts. */
export interface Peers {
  list(): KnownPeer[]
  find(peerId: ServerName): KnownPeer | undefined
  isBlocked(peerId: ServerName): boolean
  /** Adds addresses (multiaddrs), the given ones first. Makes the peer known. */
  learn(peerId: ServerName, addresses: readonly string[], displayName?: string): void
  /** The admin wants it: it is dialled even without a shared guild. */
  pin(peerId: ServerName, addresses: readonly string[]): Promise<void>
  block(peerId: ServerName): Promise<void>
  unblock(peerId: ServerName): Promise<void>
  /** Forgets a peer that is not blocked. */
  forget(peerId: ServerName): Promise<void>
  /** Only notes the time of a peer that is known. */
  markSeen(peerId: ServerName): void
  markSynced(peerId: ServerName): void
  /** Told at once when a peer is blocked, unblocked, pinned or forgotten. Gives the way to stop. */
  onChange(listener: (peerId: ServerName) => void): () => void
  /** Writes what is only in memory. */
  flush(): Promise<void>
}

export interface PeersDeps {
  self: ServerName
  db: Pick<Database, 'read' | 'write'>
  clock: Clock
}

const MAX_ADDRESSES = 16
/** Times of contact may be lost in a crash; addresses and decisions of the admin may not. */
const TOUCH_WRITE_MS = 60_000

export function createPeers({ self, db, clock }: PeersDeps): Peers {
  const peers = new Map(db.read(listPeers).map((peer) => [peer.peerId, peer]))
  const writtenAt = new Map<ServerName, number>()
  const unwritten = new Set<ServerName>()
  const listeners = new Set<(peerId: ServerName) => void>()

  const blank = (peerId: ServerName): KnownPeer => ({
    peerId,
    addresses: [],
    displayName: undefined,
    blocked: false,
    pinned: false,
    lastSeenAt: undefined,
    lastSyncedAt: undefined,
  })

  function save(peer: KnownPeer): Promise<void> {
    peers.set(peer.peerId, peer)
    unwritten.delete(peer.peerId)
    writtenAt.set(peer.peerId, clock.now())
    return db.write((tx) => upsertPeer(tx, peer))
  }

  function saveLater(peer: KnownPeer): void {
    // A full disk is reported where data are at stake; an address can be learnt again.
    save(peer).catch(() => unwritten.add(peer.peerId))
  }

  function touch(peerId: ServerName, change: Partial<KnownPeer>): void {
    const peer = peers.get(peerId)
    if (peer === undefined) return
    const touched = { ...peer, ...change }
    if (clock.now() - (writtenAt.get(peerId) ?? 0) >= TOUCH_WRITE_MS) return saveLater(touched)
    peers.set(peerId, touched)
    unwritten.add(peerId)
  }

  async function decide(peerId: ServerName, change: Partial<KnownPeer>): Promise<void> {
    const stored = save({ ...(peers.get(peerId) ?? blank(peerId)), ...change })
    for (const listener of listeners) listener(peerId)
    await stored
  }

  return {
    list: () => [...peers.values()],
    find: (peerId) => peers.get(peerId),
    isBlocked: (peerId) => peers.get(peerId)?.blocked === true,
    learn(peerId, addresses, displayName) {
      if (peerId === self) return
      const known = peers.get(peerId)
      const peer = known ?? blank(peerId)
      const merged = mergeAddresses(peer.addresses, addresses)
      const name = displayName ?? peer.displayName
      if (known !== undefined && name === peer.displayName && isSame(merged, peer.addresses)) return
      saveLater({ ...peer, addresses: merged, displayName: name })
    },
    pin: (peerId, addresses) =>
      decide(peerId, { pinned: true, addresses: mergeAddresses(peers.get(peerId)?.addresses ?? [], addresses) }),
    block: (peerId) => decide(peerId, { blocked: true, pinned: false }),
    unblock: (peerId) => decide(peerId, { blocked: false }),
    async forget(peerId) {
      if (peers.get(peerId)?.blocked === true) return
      peers.delete(peerId)
      unwritten.delete(peerId)
      for (const listener of listeners) listener(peerId)
      await db.write((tx) => deletePeer(tx, peerId))
    },
    markSeen: (peerId) => touch(peerId, { lastSeenAt: clock.now() }),
    markSynced: (peerId) => touch(peerId, { lastSyncedAt: clock.now() }),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async flush() {
      await Promise.all([...unwritten].flatMap((peerId) => peers.get(peerId) ?? []).map(save))
    },
  }
}

/** The new ones first, so that the address that worked last is dialled first. */
function mergeAddresses(known: readonly string[], added: readonly string[]): string[] {
  const bare = added.map((address) => address.replace(/\/p2p\/[^/]+$/, ''))
  return [...new Set([...bare, ...known])].slice(0, MAX_ADDRESSES)
}

const isSame = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((item, index) => item === right[index])

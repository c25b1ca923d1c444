import type { ServerName } from '../base/ids.ts'
import type { Clock } from '../base/clock.ts'
import type { Database } from '../storage/database.ts'
import { deletePeer, listPeers, type PeerRow, upsertPeer } from '../storage/peers.ts'

/** `addresses` are all to dial, the most trustworthy first. */
export type KnownPeer = Omit<PeerRow, 'hinted'>

/** The address book of this node. Kept in memory, written behind; survives restarts. */
export interface Peers {
  list(): KnownPeer[]
  find(peerId: ServerName): KnownPeer | undefined
  isBlocked(peerId: ServerName): boolean
  /** Adds addresses (multiaddrs), the given ones first. Makes the peer known. */
  learn(peerId: ServerName, addresses: readonly string[], displayName?: string): void
  /**
   * Addresses of a peer that another one told: dialled last, few are kept, and none takes the place of a learnt one, so that
   * whoever lies about others costs a dial and no connection. Makes the peer known.
   */
  hint(peerId: ServerName, addresses: readonly string[]): void
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
const MAX_HINTED = 4
/** Longer ones would not fit into invites and hellos. */
const MAX_ADDRESS_LENGTH = 256
/** Times of contact may be lost in a crash; addresses and decisions of the admin may not. */
const TOUCH_WRITE_MS = 60_000

export function createPeers({ self, db, clock }: PeersDeps): Peers {
  const peers = new Map(db.read(listPeers).map((peer) => [peer.peerId, peer]))
  const writtenAt = new Map<ServerName, number>()
  const unwritten = new Set<ServerName>()
  const listeners = new Set<(peerId: ServerName) => void>()

  const rowOf = (peerId: ServerName): PeerRow => peers.get(peerId) ?? { ...unknownPeer(peerId), hinted: [] }

  function save(peer: PeerRow): Promise<void> {
    peers.set(peer.peerId, peer)
    unwritten.delete(peer.peerId)
    writtenAt.set(peer.peerId, clock.now())
    return db.write((tx) => upsertPeer(tx, peer))
  }

  function saveLater(peer: PeerRow): void {
    // A full disk is reported where data are at stake; an address can be learnt again.
    save(peer).catch(() => unwritten.add(peer.peerId))
  }

  function touch(peerId: ServerName, change: Partial<PeerRow>): void {
    const peer = peers.get(peerId)
    if (peer === undefined) return
    const touched = { ...peer, ...change }
    if (clock.now() - (writtenAt.get(peerId) ?? 0) >= TOUCH_WRITE_MS) return saveLater(touched)
    peers.set(peerId, touched)
    unwritten.add(peerId)
  }

  async function decide(peerId: ServerName, change: Partial<PeerRow>): Promise<void> {
    const stored = save({ ...rowOf(peerId), ...change })
    for (const listener of listeners) listener(peerId)
    await stored
  }

  return {
    list: () => [...peers.values()].map(toKnown),
    find(peerId) {
      const peer = peers.get(peerId)
      return peer && toKnown(peer)
    },
    isBlocked: (peerId) => peers.get(peerId)?.blocked === true,
    learn(peerId, addresses, displayName) {
      if (peerId === self) return
      const peer = rowOf(peerId)
      const merged = mergeAddresses(peer.addresses, addresses, MAX_ADDRESSES)
      const name = displayName ?? peer.displayName
      if (peers.has(peerId) && name === peer.displayName && isSame(merged, peer.addresses)) return
      saveLater({ ...peer, addresses: merged, displayName: name })
    },
    hint(peerId, addresses) {
      if (peerId === self) return
      const peer = rowOf(peerId)
      const added = addresses.map(bareAddress).filter((address) => !peer.addresses.includes(address))
      const hinted = mergeAddresses(peer.hinted, added, MAX_HINTED)
      // What is known already must not move to the front: two tellers would make us write at every hello.
      if (peers.has(peerId) && new Set(hinted).isSubsetOf(new Set(peer.hinted))) return
      saveLater({ ...peer, hinted })
    },
    pin: (peerId, addresses) =>
      decide(peerId, { pinned: true, addresses: mergeAddresses(rowOf(peerId).addresses, addresses, MAX_ADDRESSES) }),
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

/** A peer that nothing is known of but that it is there. */
export const unknownPeer = (peerId: ServerName): KnownPeer => ({
  peerId,
  addresses: [],
  displayName: undefined,
  blocked: false,
  pinned: false,
  lastSeenAt: undefined,
  lastSyncedAt: undefined,
})

const toKnown = ({ hinted, ...peer }: PeerRow): KnownPeer => ({
  ...peer,
  addresses: [...new Set([...peer.addresses, ...hinted])],
})

const bareAddress = (address: string): string => address.replace(/\/p2p\/[^/]+$/, '')

/** The new ones first, so that the address that worked last is dialled first. */
function mergeAddresses(known: readonly string[], added: readonly string[], limit: number): string[] {
  const short = added.map(bareAddress).filter((address) => address.length <= MAX_ADDRESS_LENGTH)
  return [...new Set([...short, ...known])].slice(0, limit)
}

const isSame = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((item, index) => item === right[index])

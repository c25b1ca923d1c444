import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import type { ServerName } from '../base/ids.ts'
import type { Logger } from '../base/log.ts'
import type { KnownPeer, Peers } from '../services/peers.ts'
import type { Host } from './host.ts'
import type { Membership } from './membership.ts'
import { jitter, type Timers } from './timers.ts'

/** Keeps us connected to members' nodes and pinned ones: jittered exponential backoff, forgotten at any sign of life. */
export interface Redial {
  start(): void
  stop(): void
  /** A sign of life: the peer is tried at once, as if it had never failed. */
  poke(peer: ServerName): void
  /** The network changed, or the computer woke up: all are tried at once. */
  pokeAll(): void
  onConnect(peer: ServerName, direction: 'inbound' | 'outbound'): void
  onDisconnect(peer: ServerName): void
  /** When the peer is tried next; undefined when it is connected or not wanted. */
  nextAttemptAt(peer: ServerName): number | undefined
}

export interface RedialDeps {
  host: Pick<Host, 'dial' | 'isConnected'>
  peers: Pick<Peers, 'list' | 'find'>
  membership: Pick<Membership, 'everyone' | 'isKnown'>
  clock: Clock
  timers: Timers
  log: Logger
}

interface Backoff {
  failures: number
  nextAt: number
  isDialling: boolean
  /** Since when we hold a connection that we opened. */
  openedAt: number | undefined
}

const FIRST_MS = 1_000
const LONGEST_MS = 5 * 60_000
/** Who blocks us lets us connect and hangs up: a connection we opened proves nothing before it has lasted. */
const STABLE_MS = 10_000
const LOOK_MS = 1_000
const DIAL_TIMEOUT_MS = 10_000
const MAX_PARALLEL = 5

export function createRedial(deps: RedialDeps): Redial {
  const { host, peers, membership, clock, timers, log } = deps
  const backoffs = new Map<ServerName, Backoff>()
  let stopTimer = () => {}
  let dialling = 0

  function isWanted(peer: KnownPeer): boolean {
    if (peer.blocked || peer.addresses.length === 0 || host.isConnected(peer.peerId)) return false
    return peer.pinned || membership.isKnown(peer.peerId)
  }

  function backoffOf(peer: ServerName): Backoff {
    const known = backoffs.get(peer) ?? { failures: 0, nextAt: clock.now(), isDialling: false, openedAt: undefined }
    backoffs.set(peer, known)
    return known
  }

  async function dial(peer: KnownPeer): Promise<void> {
    const backoff = backoffOf(peer.peerId)
    backoff.isDialling = true
    dialling += 1
    try {
      await host.dial(peer.peerId, peer.addresses, AbortSignal.timeout(DIAL_TIMEOUT_MS))
    } catch (error) {
      fail(backoff)
      log.debug({ peer: peer.peerId, failures: backoff.failures, reason: messageOf(error) }, 'A peer did not answer')
    } finally {
      dialling -= 1
      backoff.isDialling = false
    }
  }

  function fail(backoff: Backoff): void {
    backoff.failures += 1
    backoff.nextAt = clock.now() + delayAfter(backoff.failures)
  }

  const delayAfter = (failures: number): number =>
    jitter(timers, Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1)), 0.25)

  function look(): void {
    const due = peers.list().filter((peer) => {
      const backoff = backoffOf(peer.peerId)
      return !backoff.isDialling && backoff.nextAt <= clock.now() && isWanted(peer)
    })
    for (const peer of due.slice(0, Math.max(0, MAX_PARALLEL - dialling))) void dial(peer)
  }

  function tick(): void {
    look()
    stopTimer = timers.after(LOOK_MS, tick)
  }

  function forgive(peer: ServerName): void {
    const backoff = backoffOf(peer)
    backoff.failures = 0
    backoff.nextAt = clock.now()
  }

  return {
    start: tick,
    stop: () => stopTimer(),
    poke(peer) {
      forgive(peer)
      look()
    },
    pokeAll() {
      for (const peer of backoffs.keys()) forgive(peer)
      look()
    },
    onConnect(peer, direction) {
      if (direction === 'inbound') forgive(peer)
      backoffOf(peer).openedAt = direction === 'outbound' ? clock.now() : undefined
    },
    onDisconnect(peer) {
      const backoff = backoffOf(peer)
      const isFlash = backoff.openedAt !== undefined && clock.now() - backoff.openedAt < STABLE_MS
      backoff.openedAt = undefined
      if (isFlash) fail(backoff)
      else forgive(peer)
      // Strangers come and go under ever new ids.
      if (peers.find(peer) === undefined) backoffs.delete(peer)
    },
    nextAttemptAt(peerId) {
      const peer = peers.find(peerId)
      return peer !== undefined && isWanted(peer) ? backoffOf(peerId).nextAt : undefined
    },
  }
}

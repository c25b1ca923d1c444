import type { Stream } from '@libp2p/interface'
import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import type { GuildId, ServerName } from '../base/ids.ts'
import type { Logger } from '../base/log.ts'
import type { Peers } from '../services/peers.ts'
import { createFrameChannel, type FrameLimits } from './frames.ts'
import type { Host } from './host.ts'
import type { Membership } from './membership.ts'
import { createPlanner } from './planner.ts'
import { createRateLimit } from './rate-limit.ts'
import { createSyncLedger, type SyncTotals, type TimedReport } from './sync/ledger.ts'
import type { SyncReport } from './sync/report.ts'
import { runSession, type Session, type SessionDeps } from './sync/session.ts'
import { jitter, type Timers } from './timers.ts'
import { SYNC_PROTOCOL } from './wire.ts'

/** When to sync with whom. One sync for each pair of nodes at a time. */
export interface CatchUp {
  start(): Promise<void>
  /** Nothing is begun afterwards. */
  stop(): void
  /** Settles when no sync is running. */
  settled(): Promise<void>
  /** A sync that begins after this call. Throws when the peer is not connected, is busy or misbehaves. */
  syncNow(peer: ServerName): Promise<SyncReport>
  /** A connected peer seems to have what we lack. Requests that come close together share one sync. */
  want(peer: ServerName): void
  /** We have what members of these guilds may lack and gossip does not bring: some of them are synced with soon. */
  nudge(guildIds: Iterable<GuildId>, except?: ReadonlySet<ServerName>): void
  onConnect(peer: ServerName, direction: 'inbound' | 'outbound'): void
  onDisconnect(peer: ServerName): void
  lastReport(peer: ServerName): TimedReport | undefined
  totals(): SyncTotals
}

export interface CatchUpDeps extends SessionDeps {
  self: ServerName
  host: Pick<Host, 'handle' | 'open' | 'isConnected' | 'links'>
  membership: Pick<Membership, 'isKnown' | 'nodes'>
  peers: Pick<Peers, 'markSynced'>
  clock: Clock
  timers: Timers
  log: Logger
  frameLimits: FrameLimits
  intervalMs: number
}

/** So that a burst of wishes makes one sync. */
const DEBOUNCE_MS = 250
/** The side that was dialled begins only if the dialler, whose turn it is, has not. */
const PATIENCE_MS = 2_000
/** Each of them tells as many others: news passes through 50 nodes in three steps. */
const NUDGE_FANOUT = 6
const BUSY_RETRY_MS = 300
const OPEN_TIMEOUT_MS = 10_000
const INBOUND_LIMIT = { perSecond: 5, burst: 20 }

/** The pair is syncing already, begun by the other side. */
export class BusyError extends Error {}

export function createCatchUp(deps: CatchUpDeps): CatchUp {
  const { self, host, membership, timers, log } = deps
  const running = new Map<ServerName, Running>()
  const planner = createPlanner({ ...deps, run: (peer) => void (host.isConnected(peer) && attempt(peer)) })
  const ledger = createSyncLedger(deps.clock, log)
  const inbound = createRateLimit<ServerName>(deps.clock, INBOUND_LIMIT)
  let stopTimer = () => {}
  let isStopped = false

  function syncNow(peer: ServerName): Promise<SyncReport> {
    const current = running.get(peer)
    if (current === undefined) return begin(peer)
    current.next ??= current.done.then(() => begin(peer))
    return current.next
  }

  function begin(peer: ServerName): Promise<SyncReport> {
    const work = openSession(peer)
    track(peer, 'initiator', work)
    return work
  }

  function track(peer: ServerName, role: Session['role'], work: Promise<SyncReport>): void {
    const done = work.then(
      () => undefined,
      () => undefined,
    )
    const entry: Running = { role, done: done.then(() => void (running.get(peer) === entry && running.delete(peer))) }
    running.set(peer, entry)
  }

  async function openSession(peer: ServerName): Promise<SyncReport> {
    if (isStopped) throw new Error('The node is stopping')
    const stream = await host.open(peer, SYNC_PROTOCOL, AbortSignal.timeout(OPEN_TIMEOUT_MS))
    return converse(stream, peer, 'initiator')
  }

  async function converse(stream: Stream, peer: ServerName, role: Session['role']): Promise<SyncReport> {
    const channel = createFrameChannel(stream, deps.frameLimits)
    try {
      const outcome = await runSession(deps, { channel, peer, role })
      await channel.close()
      if (outcome.kind === 'busy') throw new BusyError('The peer is syncing with us already')
      note(peer, outcome.report)
      return outcome.report
    } catch (error) {
      channel.abort(error instanceof Error ? error : new Error(String(error)))
      if (!(error instanceof BusyError)) ledger.noteFailure()
      throw error
    }
  }

  function note(peer: ServerName, report: SyncReport): void {
    ledger.note(peer, report)
    deps.peers.markSynced(peer)
    if (report.again) want(peer)
    // What came by sync is not gossiped again, and not everybody is connected to where it came from.
    const guildIds = report.guilds.map((guild) => guild.guildId)
    if (report.accepted > 0) nudge(guildIds, new Set([peer]))
  }

  /** Lets failures be: the interval and the next connect ask again. */
  function attempt(peer: ServerName): void {
    syncNow(peer).catch((error: unknown) => {
      if (error instanceof BusyError) return planner.plan(peer, jitter(timers, BUSY_RETRY_MS, 0.5))
      log.info({ peer, reason: messageOf(error) }, 'A sync failed')
    })
  }

  const want = (peer: ServerName) => planner.plan(peer, DEBOUNCE_MS)

  function nudge(guildIds: Iterable<GuildId>, except: ReadonlySet<ServerName> = new Set()): void {
    const members = new Set([...guildIds].flatMap((guildId) => [...membership.nodes(guildId)]))
    const chosen = host
      .links()
      .filter(({ peerId }) => members.has(peerId) && !except.has(peerId))
      .map(({ peerId }) => ({ peerId, order: timers.random() }))
      .sort((left, right) => left.order - right.order)
    for (const { peerId } of chosen.slice(0, NUDGE_FANOUT)) want(peerId)
  }

  function answer(stream: Stream, peer: ServerName): void {
    const current = running.get(peer)
    // Both began at once: the sync of the smaller peer id goes on, and each side knows which that is.
    const isOurs = current?.role === 'initiator' && self < peer
    if (isOurs || current?.role === 'responder' || isStopped || !inbound.allow(peer)) return refuse(stream)
    const work = converse(stream, peer, 'responder')
    track(peer, 'responder', work)
    work.catch((error: unknown) => log.info({ peer, reason: messageOf(error) }, 'A sync failed'))
  }

  function refuse(stream: Stream): void {
    const channel = createFrameChannel(stream, deps.frameLimits)
    channel.write({ type: 'busy' }).then(channel.close, () => undefined)
  }

  function tick(): void {
    const known = host.links().filter((link) => membership.isKnown(link.peerId))
    const chosen = known[Math.floor(timers.random() * known.length)]
    if (chosen !== undefined) planner.plan(chosen.peerId, 0)
    stopTimer = timers.after(jitter(timers, deps.intervalMs, 0.2), tick)
  }

  return {
    async start() {
      await host.handle(SYNC_PROTOCOL, answer)
      stopTimer = timers.after(jitter(timers, deps.intervalMs, 0.2), tick)
    },
    stop() {
      isStopped = true
      stopTimer()
      planner.stop()
    },
    async settled() {
      while (running.size > 0) await Promise.all([...running.values()].map((entry) => entry.done))
    },
    syncNow,
    want,
    nudge,
    onConnect: (peer, direction) => planner.plan(peer, direction === 'outbound' ? 0 : PATIENCE_MS),
    onDisconnect(peer) {
      planner.cancel(peer)
      inbound.forget(peer)
    },
    lastReport: ledger.lastReport,
    totals: ledger.totals,
  }
}

interface Running {
  role: Session['role']
  done: Promise<void>
  next?: Promise<SyncReport>
}

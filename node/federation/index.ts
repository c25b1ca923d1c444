import type { Clock } from '../base/clock.ts'
import type { PartHealth } from '../base/lifecycle.ts'
import type { GuildId, ServerName } from '../base/ids.ts'
import type { Logger } from '../base/log.ts'
import type { Peers } from '../services/peers.ts'
import type { FederationView, PeerGuildReport } from '../services/status.ts'
import type { Feed, Timeline } from '../services/timeline/types.ts'
import { type CatchUp, createCatchUp } from './catch-up.ts'
import { createAddressBook } from './address-book.ts'
import { createDiscovery } from './discovery.ts'
import type { FrameLimits } from './frames.ts'
import { createAccess } from './grants.ts'
import { createHost, type Host, type Transports } from './host.ts'
import { createInbound, type InboundTotals } from './inbound.ts'
import { createJoinRemote, type JoinRemote } from './join/request.ts'
import { createJoinServer } from './join/serve.ts'
import { createMembership } from './membership.ts'
import { createNetworkWatch } from './network-watch.ts'
import { createOutbound, type OutboundTotals } from './outbound.ts'
import { createRedial, type Redial } from './redial.ts'
import { createRemovals } from './removals.ts'
import { createScoring } from './scoring.ts'
import { createSubscriptions } from './subscriptions.ts'
import type { SyncTotals } from './sync/ledger.ts'
import { createOffers } from './sync/offers.ts'
import type { GuildReport } from './sync/report.ts'
import { systemTimers, type Timers } from './timers.ts'
import { JOIN_PROTOCOL } from './wire.ts'

export type { JoinRemote, JoinTicket } from './join/request.ts'
export type { SyncReport } from './sync/report.ts'

export interface FederationOptions {
  /** Multiaddrs to listen on. */
  listen: readonly string[]
  announce: readonly string[]
  mdns: boolean
  gossip: boolean
  syncIntervalMs: number
  gossipEventsPerSecond: number
  displayName: string
}

export interface FederationDeps {
  /** Seed of the identity key, 32 bytes. */
  identitySeed: Uint8Array
  timeline: Timeline
  feed: Feed
  /** This node's peer id. */
  self: ServerName
  peers: Peers
  clock: Clock
  log: Logger
  options: FederationOptions
  /** Instead of TCP and WebSocket. */
  transports?: Transports
  timers?: Timers
  frameLimits?: FrameLimits
}

export interface FederationTotals {
  sync: SyncTotals
  inbound: InboundTotals
  outbound: OutboundTotals
}

/** This node among the others: design section 6. */
export interface Federation extends FederationView {
  /** Opens the listeners. Throws when an address can not be listened on. */
  start(): Promise<void>
  stop(): Promise<void>
  health(): PartHealth
  joinRemote: JoinRemote
  /** Connects to a peer by the addresses known of it. Throws when none answers. */
  connect(peer: ServerName): Promise<void>
  /** A sync that begins now. Throws when the peer is not connected, is busy or misbehaves. */
  syncNow: CatchUp['syncNow']
  /** The computer woke up or changed its network: all known peers are tried at once. */
  wake(): void
  totals(): FederationTotals
}

const FRAME_LIMITS: FrameLimits = { maxFrameBytes: 1024 * 1024, silenceMs: 30_000 }
const DIAL_TIMEOUT_MS = 10_000

export async function createFederation(deps: FederationDeps): Promise<Federation> {
  const { peers } = deps
  const parts = await createParts(deps)
  const { host, catchUp, inbound, outbound, redial, network, common } = parts
  let stopListening = () => {}
  watchHost(parts, peers)

  async function start(): Promise<void> {
    await catchUp.start()
    await host.handle(JOIN_PROTOCOL, createJoinServer(common))
    await host.start()
    stopListening = peers.onChange((peer) => onDecision({ peer, peers, host, redial }))
    parts.subscribe()
    outbound.start()
    redial.start()
    network.start()
  }

  async function stop(): Promise<void> {
    stopListening()
    network.stop()
    redial.stop()
    catchUp.stop()
    await outbound.stop()
    // With the connections the syncs end; what they hand over is stored before the database closes.
    await host.stop()
    await Promise.all([catchUp.settled(), inbound.settled()])
    await peers.flush()
  }

  return {
    start,
    stop,
    health: () =>
      host.addresses().length === 0
        ? { status: 'degraded', details: 'no address to be reached at' }
        : { status: 'ready' },
    joinRemote: createJoinRemote({ ...common, catchUp }),
    async connect(peer) {
      await host.dial(peer, peers.find(peer)?.addresses ?? [], AbortSignal.timeout(DIAL_TIMEOUT_MS))
    },
    syncNow: catchUp.syncNow,
    wake: redial.pokeAll,
    addresses: host.addresses,
    links: host.links,
    reports: (guildId) => reportsOf(guildId, peers, catchUp),
    totals: () => ({ sync: catchUp.totals(), inbound: inbound.totals(), outbound: outbound.totals() }),
  }
}

type Parts = Awaited<ReturnType<typeof createParts>>

/** Who is who first, then the network, then what uses both. */
async function createParts(deps: FederationDeps) {
  const { self, timeline, peers, clock, log, options } = deps
  const timers = deps.timers ?? systemTimers
  const frameLimits = deps.frameLimits ?? FRAME_LIMITS
  const membership = createMembership(timeline, self)
  const access = createAccess(clock, membership)
  const scoring = createScoring({ clock, membership, access })
  const removals = createRemovals({ timeline, membership, access, clock, disconnect: (peer) => host.disconnect(peer) })
  const host: Host = await createHost({
    identitySeed: deps.identitySeed,
    ...options,
    mayConnect: (peer) => !peers.isBlocked(peer) && removals.mayConnect(peer),
    scoreOf: scoring.scoreOf,
    ...(deps.transports === undefined ? {} : { transports: deps.transports }),
  })
  const common = { self, host, timeline, access, membership, peers, clock, timers, log, frameLimits }
  const offers = createOffers({ ...common, displayName: options.displayName })
  const catchUp = createCatchUp({ ...common, offers, intervalMs: options.syncIntervalMs })
  const inbound = createInbound({ ...common, catchUp, scoring, eventsPerSecond: options.gossipEventsPerSecond })
  const redial = createRedial(common)
  const book = createAddressBook(common)
  const gossip = options.gossip ? host.gossip : undefined
  const subscribe = gossip === undefined ? () => {} : createSubscriptions({ ...common, gossip, inbound, scoring })
  const outbound = createOutbound({
    ...common,
    feed: deps.feed,
    gossip,
    catchUp,
    onPage({ events }) {
      if (!events.some((event) => event.isLaw)) return
      removals.review(events)
      subscribe()
      book.review()
    },
  })
  const discover = createDiscovery({ ...common, redial })
  const network = createNetworkWatch(timers, redial.pokeAll)
  return { common, host, scoring, catchUp, inbound, outbound, redial, book, subscribe, discover, network }
}

function watchHost({ host, redial, book, catchUp, scoring, discover }: Parts, peers: Peers): void {
  host.listen({
    onConnect(link) {
      peers.markSeen(link.peerId)
      redial.onConnect(link.peerId, link.direction)
      if (link.direction === 'outbound') book.identified(link.peerId, [link.address])
      catchUp.onConnect(link.peerId, link.direction)
    },
    onDisconnect(peer) {
      peers.markSeen(peer)
      book.gone(peer)
      scoring.forgetListening(peer)
      catchUp.onDisconnect(peer)
      redial.onDisconnect(peer)
    },
    onIdentify: book.identified,
    onDiscover: discover,
  })
}

interface Decision {
  peer: ServerName
  peers: Peers
  host: Host
  redial: Redial
}

/** The admin blocked, unblocked or pinned a peer: it takes effect at once. */
function onDecision({ peer, peers, host, redial }: Decision): void {
  if (peers.isBlocked(peer)) host.disconnect(peer)
  else redial.poke(peer)
}

function reportsOf(guildId: GuildId, peers: Peers, catchUp: CatchUp): PeerGuildReport[] {
  return peers.list().flatMap(({ peerId }) => {
    const report = catchUp.lastReport(peerId)
    const guild = report?.guilds.find((entry) => entry.guildId === guildId)
    return report === undefined || guild === undefined
      ? []
      : [{ peerId, ...guild.theirs, ahead: aheadAt(guild), at: report.at }]
  })
}

const aheadAt = ({ comparison }: GuildReport): number => (comparison.kind === 'lacking' ? comparison.theyLack : 0)

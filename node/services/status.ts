import type { PartStatus } from '../base/lifecycle.ts'
import type { GuildId, ServerName } from '../base/ids.ts'
import { nodesOf } from '../events/state/guild-state.ts'
import type { GuildView, LogTip, Timeline } from './timeline/types.ts'
import { type KnownPeer, unknownPeer } from './peers.ts'

/** What a peer said about one guild the last time heads were compared. */
export interface PeerGuildReport {
  peerId: ServerName
  /** Hex BLAKE3 of the peer's law state. */
  stateHash: string
  tips: readonly LogTip[]
  /** Events we held then and the peer did not. What it got since by gossip is not known here. */
  ahead: number
  /** Milliseconds since the Unix epoch. */
  at: number
}

/** The live side of a peer, as federation sees it. */
export interface PeerLink {
  peerId: ServerName
  direction: 'inbound' | 'outbound'
  address: string
}

/** What federation knows; a node without it has nothing to report. */
export interface FederationView {
  addresses(): string[]
  links(): PeerLink[]
  /** Newest report of each peer about this guild. */
  reports(guildId: GuildId): PeerGuildReport[]
}

export interface GuildStatus extends GuildView {
  nodes: ServerName[]
  /** Events known to exist that are not held here, and who has them. 0 means complete as far as anybody told us. */
  lacking: number
  heldBy: ServerName[]
  /** How far the earliest event that waits for its time is ahead of our clock; 0 when none does. */
  aheadMs: number
  /** Peers that hold the same events and yet another law state: must never happen. */
  diverged: ServerName[]
  channels: { channelId: string; name: string; latestSequence: number }[]
}

export interface PeerStatus extends KnownPeer {
  link: PeerLink | undefined
  /** `lacking`: what it had at the comparison and we still have not; `ahead`: what we had then and it had not. */
  guilds: { guildId: GuildId; lacking: number; ahead: number; sameState: boolean; comparedAt: number }[]
}

export interface NodeStatus {
  peerId: ServerName
  name: string
  version: string
  startedAt: number
  dataDir: string
  apiAddress: string
  p2pAddresses: string[]
  parts: PartStatus[]
  guilds: GuildStatus[]
  peers: PeerStatus[]
}

export interface StatusDeps {
  timeline: Pick<Timeline, 'guildIds' | 'findGuild' | 'latestSequence' | 'aheadOfClock'>
  federation: FederationView
  peers: { list(): KnownPeer[] }
  parts(): PartStatus[]
  node: Pick<NodeStatus, 'peerId' | 'name' | 'version' | 'startedAt' | 'dataDir'>
  apiAddress(): string
}

/** Everything an admin asks first: who is connected, what is held, what is missing and who has it. */
export function createStatus(deps: StatusDeps): () => NodeStatus {
  const { timeline, federation } = deps

  function guildStatus(view: GuildView): GuildStatus {
    const reports = federation.reports(view.guildId)
    const gaps = reports.map((report) => ({ report, lacking: countBeyond(report.tips, view.tips) }))
    return {
      ...view,
      nodes: [...nodesOf(view.state)].sort(),
      lacking: Math.max(view.waiting, countBeyond(mergeTips(reports), view.tips)),
      heldBy: gaps.filter((gap) => gap.lacking > 0).map((gap) => gap.report.peerId),
      aheadMs: timeline.aheadOfClock(view.guildId),
      diverged: reports.filter((report) => hasDiverged(report, view)).map((report) => report.peerId),
      channels: [...view.state.channels.values()]
        .sort((left, right) => left.createdAt - right.createdAt)
        .map(({ id, name }) => ({ channelId: id, name, latestSequence: timeline.latestSequence(id) })),
    }
  }

  function peerStatus(peer: KnownPeer, guilds: readonly GuildStatus[]): PeerStatus {
    return {
      ...peer,
      link: federation.links().find((link) => link.peerId === peer.peerId),
      guilds: guilds.flatMap((guild) =>
        federation
          .reports(guild.guildId)
          .filter((report) => report.peerId === peer.peerId)
          .map((report) => ({
            guildId: guild.guildId,
            lacking: countBeyond(report.tips, guild.tips),
            ahead: report.ahead,
            sameState: report.stateHash === guild.stateHash,
            comparedAt: report.at,
          })),
      ),
    }
  }

  /** The address book, and who is connected without being in it: strangers found on the LAN, whom the admin may block. */
  function everyPeer(): KnownPeer[] {
    const known = deps.peers.list()
    const ids = new Set(known.map((peer) => peer.peerId))
    const strangers = federation.links().filter((link) => !ids.has(link.peerId))
    return [...known, ...strangers.map((link) => unknownPeer(link.peerId))]
  }

  return () => {
    const guilds = timeline.guildIds().flatMap((guildId) => {
      const view = timeline.findGuild(guildId)
      return view === undefined ? [] : [guildStatus(view)]
    })
    return {
      ...deps.node,
      apiAddress: deps.apiAddress(),
      p2pAddresses: federation.addresses(),
      parts: deps.parts(),
      guilds,
      peers: everyPeer().map((peer) => peerStatus(peer, guilds)),
    }
  }
}

/** How many events `theirs` name beyond `ours`: positions count the events of each log. */
function countBeyond(theirs: readonly LogTip[], ours: readonly LogTip[]): number {
  const reach = reachOf(ours)
  let total = 0
  for (const [origin, position] of reachOf(theirs)) total += Math.max(0, position - (reach.get(origin) ?? 0))
  return total
}

function reachOf(tips: readonly LogTip[]): Map<ServerName, number> {
  const reach = new Map<ServerName, number>()
  for (const tip of tips) reach.set(tip.origin, Math.max(reach.get(tip.origin) ?? 0, tip.position))
  return reach
}

const mergeTips = (reports: readonly PeerGuildReport[]): LogTip[] => reports.flatMap((report) => report.tips)

function hasDiverged(report: PeerGuildReport, view: GuildView): boolean {
  if (report.stateHash === view.stateHash) return false
  const theirs = new Set(report.tips.map((tip) => tip.eventId))
  return theirs.size === view.tips.length && view.tips.every((tip) => theirs.has(tip.eventId))
}

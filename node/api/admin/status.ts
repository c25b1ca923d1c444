import type { GuildStatus, NodeStatus, PeerStatus } from '../../services/status.ts'
import { presentTime } from '../times.ts'
import type { NodeStatusBody } from './shapes.ts'

export { nodeStatusSchema, type NodeStatusBody } from './shapes.ts'

export function presentNodeStatus(status: NodeStatus): NodeStatusBody {
  return {
    peer_id: status.peerId,
    name: status.name,
    version: status.version,
    started_at: presentTime(status.startedAt),
    data_dir: status.dataDir,
    api_address: status.apiAddress,
    p2p_addresses: status.p2pAddresses,
    parts: status.parts,
    guilds: status.guilds.map(presentGuildStatus),
    peers: status.peers.map(presentPeerStatus),
  }
}

function presentGuildStatus(guild: GuildStatus): NodeStatusBody['guilds'][number] {
  const complete = guild.lacking === 0
  return {
    guild_id: guild.guildId,
    name: guild.state.name,
    members: guild.state.members.size,
    nodes: guild.nodes,
    events: guild.events,
    heads: guild.tips.map(({ origin, position, eventId }) => ({ origin, position, event_id: eventId })),
    law_heads: [...guild.lawHeads],
    state_hash: guild.stateHash,
    complete,
    lacking: guild.lacking,
    held_by: guild.heldBy,
    waiting: guild.waiting,
    ...(guild.aheadMs === 0 ? {} : { clock_ahead_secs: Math.ceil(guild.aheadMs / 1000) }),
    diverged: guild.diverged,
    equivocated: [...guild.equivocated],
    channels: guild.channels.map(({ channelId, name, latestSequence }) => ({
      channel_id: channelId,
      name,
      latest_sequence: latestSequence,
      complete,
    })),
  }
}

export function presentPeerStatus(peer: PeerStatus): NodeStatusBody['peers'][number] {
  return {
    peer_id: peer.peerId,
    ...(peer.displayName === undefined ? {} : { name: peer.displayName }),
    connected: peer.link !== undefined,
    ...(peer.link === undefined ? {} : { direction: peer.link.direction, address: peer.link.address }),
    addresses: [...peer.addresses],
    blocked: peer.blocked,
    pinned: peer.pinned,
    ...(peer.lastSeenAt === undefined ? {} : { last_seen_at: presentTime(peer.lastSeenAt) }),
    ...(peer.lastSyncedAt === undefined ? {} : { last_synced_at: presentTime(peer.lastSyncedAt) }),
    guilds: peer.guilds.map((guild) => ({
      guild_id: guild.guildId,
      lacking: guild.lacking,
      ahead: guild.ahead,
      same_state: guild.sameState,
      compared_at: presentTime(guild.comparedAt),
    })),
  }
}

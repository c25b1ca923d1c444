import { z } from 'zod'
import type { GuildStatus, NodeStatus, PeerStatus } from '../../services/status.ts'
import { presentTime, timeSchema } from '../times.ts'

const partSchema = z.object({ name: z.string(), status: z.string(), details: z.string().optional() })

const guildStatusSchema = z
  .object({
    guild_id: z.uuid(),
    name: z.string(),
    members: z.int(),
    nodes: z.array(z.string()).describe('Peer ids of the nodes with a member in the guild'),
    events: z.int().describe('Events held here'),
    heads: z
      .array(z.object({ origin: z.string(), position: z.int(), event_id: z.string() }))
      .describe('Where the log of each origin ends here'),
    law_heads: z.array(z.string()),
    state_hash: z.string().describe('BLAKE3 of the law state: equal on all nodes that hold the same law events'),
    complete: z.boolean().describe('Nothing is known to be missing'),
    lacking: z.int().describe('Events known to exist that are not here yet'),
    held_by: z.array(z.string()).describe('Peers that have what is lacking'),
    waiting: z.int().describe('Events here that wait for what they refer to'),
    diverged: z.array(z.string()).describe('Peers with the same events and another state: an alarm'),
    equivocated: z.array(z.string()).describe('Origins that wrote two different events after the same one'),
    channels: z.array(
      z.object({ channel_id: z.uuid(), name: z.string(), latest_sequence: z.int(), complete: z.boolean() }),
    ),
  })
  .meta({ id: 'GuildStatus' })

const peerStatusSchema = z
  .object({
    peer_id: z.string(),
    name: z.string().optional(),
    connected: z.boolean(),
    direction: z.enum(['inbound', 'outbound']).optional(),
    address: z.string().optional(),
    addresses: z.array(z.string()),
    blocked: z.boolean(),
    pinned: z.boolean(),
    last_seen_at: timeSchema('Last contact').optional(),
    last_synced_at: timeSchema('Last comparison of heads').optional(),
    guilds: z.array(
      z.object({
        guild_id: z.uuid(),
        lacking: z.int().describe('Events the peer has and we do not'),
        ahead: z.int().describe('Events we have and the peer did not at that time'),
        same_state: z.boolean(),
        compared_at: timeSchema('When heads were compared'),
      }),
    ),
  })
  .meta({ id: 'PeerStatus' })

export const nodeStatusSchema = z
  .object({
    peer_id: z.string(),
    name: z.string(),
    version: z.string(),
    started_at: timeSchema('When this process started'),
    data_dir: z.string(),
    api_address: z.string(),
    p2p_addresses: z.array(z.string()),
    parts: z.array(partSchema),
    guilds: z.array(guildStatusSchema),
    peers: z.array(peerStatusSchema),
  })
  .meta({ id: 'NodeStatus' })

export type NodeStatusBody = z.output<typeof nodeStatusSchema>

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

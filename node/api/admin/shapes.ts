import { z } from 'zod'
import type { GuildBody } from '../guilds.ts'
import type { createdInviteSchema, createInviteSchema } from '../invite-shapes.ts'
import { timeSchema } from '../times.ts'

/**
 * What the admin API answers with. Knows nothing of the node behind it, so that pages can take their types from here
 * and still compile without those of Node.
 */
const partSchema = z.object({
  name: z.string(),
  status: z.string(),
  details: z.string().optional(),
  reason: z.string().optional().describe('One word for it, which `/ready` shows to anybody'),
})

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
    clock_ahead_secs: z
      .int()
      .optional()
      .describe('Events wait for their time: this clock is behind by so much, or that of their node ahead'),
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
        lacking: z.int().describe('Events the peer had at that time and we still do not have'),
        ahead: z.int().describe('Events we had at that time and the peer did not; what it got since is not known'),
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

export type NodeGuild = NodeStatusBody['guilds'][number]
export type NodePeer = NodeStatusBody['peers'][number]
export type NodePart = NodeStatusBody['parts'][number]

export const userSchema = z
  .object({
    user_id: z.uuid(),
    username: z.string(),
    created_at: timeSchema('When the account was made'),
    roles: z.array(z.string()),
  })
  .meta({ id: 'User' })

export type UserBody = z.output<typeof userSchema>
export type InviteTermsBody = z.input<typeof createInviteSchema>
export type CreatedInviteBody = z.output<typeof createdInviteSchema>
export type { GuildBody }

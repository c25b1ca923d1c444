import { z } from 'zod'
import { eventIdSchema, guildIdSchema, inviteIdSchema, serverNameSchema, userIdSchema } from '../base/ids.ts'
import { base64Url64Schema } from '../events/schema/content.ts'
import { nameSchema } from '../events/schema/text.ts'

/** Shapes of the frames' first lines (protocol, "Sync" and "Join"). Loose: later versions may add members. */

export const SYNC_PROTOCOL = '/openguild/sync/1'
export const JOIN_PROTOCOL = '/openguild/join/1'
export const PROTOCOL_VERSION = 1

/** Most of what a hello may list. A node with more guilds in common with one peer syncs the rest next time. */
export const MAX_HELLO_GUILDS = 1_000
export const MAX_HELLO_PEERS = 64
export const MAX_HINT_ADDRESSES = 16
export const MAX_PAGE_EVENTS = 256
export const MAX_PAGE_BYTES = 256 * 1024
/** Design section 4. */
export const MAX_EVENT_BYTES = 64 * 1024

const hash = z.string().regex(/^([0-9a-f]{64})?$/, 'must be 64 hex digits, or empty')

const logTipSchema = z.looseObject({
  origin: serverNameSchema,
  position: z.int().min(1),
  event_id: eventIdSchema,
})

const guildOfferSchema = z.looseObject({
  guild_id: guildIdSchema,
  state_hash: hash,
  law_heads: z.array(eventIdSchema).max(10_000),
  tips: z.array(logTipSchema).max(10_000),
  /** Text of the sender's own `member.join`, for a receiver that has not seen it yet. */
  admission: z.string().max(MAX_EVENT_BYTES).optional(),
  /** Not all tips are named: the sender holds more than they tell, and takes again what it holds. */
  partial: z.boolean().optional(),
})

const peerHintSchema = z.looseObject({
  peer_id: serverNameSchema,
  addresses: z.array(z.string().max(512)).max(MAX_HINT_ADDRESSES),
})

const helloSchema = z.looseObject({
  type: z.literal('hello'),
  version: z.int().min(1),
  name: z.string().max(255).optional(),
  /** Addresses of other members' nodes in the shared guilds. */
  peers: z.array(peerHintSchema).max(MAX_HELLO_PEERS),
  guilds: z.array(guildOfferSchema).max(MAX_HELLO_GUILDS),
})

const eventsSchema = z.looseObject({ type: z.literal('events'), guild_id: guildIdSchema })
const doneSchema = z.looseObject({ type: z.literal('done'), guild_id: guildIdSchema, sent: z.int().min(0) })
const endSchema = z.looseObject({
  type: z.literal('end'),
  guilds: z
    .array(z.looseObject({ guild_id: guildIdSchema, state_hash: hash, tips: z.array(logTipSchema).max(10_000) }))
    .max(MAX_HELLO_GUILDS),
})
/** Another sync between the two nodes is under way. */
const busySchema = z.looseObject({ type: z.literal('busy') })

export const syncHeaderSchema = z.discriminatedUnion('type', [
  helloSchema,
  eventsSchema,
  doneSchema,
  endSchema,
  busySchema,
])

export type SyncHeader = z.output<typeof syncHeaderSchema>
export type Hello = z.output<typeof helloSchema>
export type GuildOffer = z.output<typeof guildOfferSchema>
export type WireTip = z.output<typeof logTipSchema>
export type EndFrame = z.output<typeof endSchema>

export const joinRequestSchema = z.looseObject({
  type: z.literal('join'),
  guild_id: guildIdSchema,
  invite_id: inviteIdSchema,
  user_id: userIdSchema,
  username: nameSchema,
  proof: base64Url64Schema,
})

/** Why a node does not admit. The first four are said to the person who joins. */
export const JOIN_REFUSALS = [
  'invite_invalid',
  'invite_expired',
  'invite_used_up',
  'invite_revoked',
  'not_here',
  'busy',
] as const

export const joinAnswerSchema = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('welcome'),
    guild_name: z.string().max(255),
  }),
  z.looseObject({ type: z.literal('refused'), code: z.enum(JOIN_REFUSALS), message: z.string().max(512) }),
])

export type JoinRequest = z.output<typeof joinRequestSchema>
export type JoinAnswer = z.output<typeof joinAnswerSchema>
export type JoinRefusal = (typeof JOIN_REFUSALS)[number]

import { z } from 'zod'

declare const brand: unique symbol
type Branded<T, Name extends string> = T & { readonly [brand]: Name }

/** `$` + base58 of the BLAKE3 hash of the canonical event (protocol, "Event id"). */
export type EventId = Branded<string, 'EventId'>
/** UUIDv8 derived from the `guild.create` event. */
export type GuildId = Branded<string, 'GuildId'>
/** UUIDv8 derived from the `channel.create` event; UUIDv4 for channels adopted from an original server. */
export type ChannelId = Branded<string, 'ChannelId'>
/** UUIDv8 derived from the `invite.create` event. */
export type InviteId = Branded<string, 'InviteId'>
/** UUIDv4, unique on its home node only; globally a user is (user id, server name). */
export type UserId = Branded<string, 'UserId'>
/** The libp2p peer id of a node in base58 text, or the configured name of an HTTP-only server. */
export type ServerName = Branded<string, 'ServerName'>

const HYPHENATED = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/**
 * Reads a UUID the way the original server does: hyphenated, 32 hex digits, in braces or as `urn:uuid:`, any letter
 * case (contract 1.5). Gives the lower-case hyphenated form, or undefined.
 */
export function parseUuid(text: string): string | undefined {
  let body = text.toLowerCase()
  if (body.startsWith('urn:uuid:')) body = body.slice(9)
  else if (body.startsWith('{') && body.endsWith('}')) body = body.slice(1, -1)
  if (/^[0-9a-f]{32}$/.test(body)) {
    body = `${body.slice(0, 8)}-${body.slice(8, 12)}-${body.slice(12, 16)}-${body.slice(16, 20)}-${body.slice(20)}`
  }
  return HYPHENATED.test(body) ? body : undefined
}

const uuidSchema = z.string().regex(HYPHENATED, 'must be a lower-case hyphenated UUID')

export const guildIdSchema = uuidSchema.transform((value) => value as GuildId)
export const channelIdSchema = uuidSchema.transform((value) => value as ChannelId)
export const inviteIdSchema = uuidSchema.transform((value) => value as InviteId)
export const userIdSchema = uuidSchema.transform((value) => value as UserId)
export const eventIdSchema = z
  .string()
  .regex(/^\$[1-9A-HJ-NP-Za-km-z]{32,44}$/, 'must be $ followed by base58')
  .transform((value) => value as EventId)
export const serverNameSchema = z
  .string()
  .min(1)
  .max(255)
  .transform((value) => value as ServerName)

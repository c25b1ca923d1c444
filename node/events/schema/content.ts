import { z } from 'zod'
import { channelIdSchema, guildIdSchema, inviteIdSchema, serverNameSchema, userIdSchema } from '../../base/ids.ts'
import { boundedText, MAX_MESSAGE_SCALARS, MAX_REASON_SCALARS, nameSchema } from './text.ts'

// Every object is loose: members a later version adds are kept, because they are part of what was signed.

/** 32 bytes, URL-safe base64 without padding, no stray bits in the last character. */
export const base64Url32Schema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/, 'must be 32 bytes, base64url')
/** 64 bytes, URL-safe base64 without padding, no stray bits in the last character. */
export const base64Url64Schema = z.string().regex(/^[A-Za-z0-9_-]{85}[AQgw]$/, 'must be 64 bytes, base64url')
/** Milliseconds since the Unix epoch. */
export const timestampSchema = z.int().nonnegative()

const position = z.int().min(1)
const timelineLog = z.looseObject({ position, guild_id: guildIdSchema })

const author = z.looseObject({ id: userIdSchema, username: nameSchema })
const member = z.looseObject({ user_id: userIdSchema, server_name: serverNameSchema })
const roleId = z.string().regex(/^[a-z0-9_.-]{1,64}$/, 'must be 1 to 64 of a-z 0-9 _ . -')
const roleIds = z.array(roleId).max(64)
const reason = boundedText(1, MAX_REASON_SCALARS)

/** A node's list of signing keys, signed by the identity key inside its peer id. Shape only; see `key-statement.ts`. */
export const keyStatementSchema = z.looseObject({
  peer_id: serverNameSchema,
  sequence: z.int().min(1),
  keys: z
    .array(
      z.looseObject({
        key_id: z.string().min(1).max(64),
        public_key: base64Url32Schema,
        valid_from: timestampSchema,
        valid_until: timestampSchema.optional(),
        revoked_from: timestampSchema.optional(),
      }),
    )
    .min(1)
    .max(16),
  signature: base64Url64Schema,
})

const lawLog = z.looseObject({ position, statement: keyStatementSchema.optional() })

const inviteAndProof = z
  .looseObject({ log: lawLog, author, invite_id: inviteIdSchema.optional(), proof: base64Url64Schema.optional() })
  .refine((join) => (join.invite_id === undefined) === (join.proof === undefined), 'invite_id and proof come together')

/** Content of every law event, by type. All of them live in the room of the guild itself. */
export const LAW_CONTENT = {
  'guild.create': z.looseObject({
    log: lawLog,
    nonce: z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 hex digits'),
    name: nameSchema,
    author,
  }),
  'guild.update': z.looseObject({ log: lawLog, name: nameSchema.optional() }),
  'channel.create': z.looseObject({ log: lawLog, name: nameSchema }),
  'channel.update': z.looseObject({ log: lawLog, channel_id: channelIdSchema, name: nameSchema }),
  'channel.delete': z.looseObject({ log: lawLog, channel_id: channelIdSchema }),
  'role.put': z.looseObject({
    log: lawLog,
    role_id: roleId,
    name: nameSchema,
    position: z.int().min(0).max(1_000_000),
    permissions: z
      .int()
      .min(0)
      .max(2 ** 31 - 1),
  }),
  'role.delete': z.looseObject({ log: lawLog, role_id: roleId }),
  'member.join': inviteAndProof,
  'member.leave': z.looseObject({ log: lawLog }),
  'member.invite': z.looseObject({ log: lawLog, target: member, roles: roleIds.optional() }),
  'member.kick': z.looseObject({ log: lawLog, target: member, reason: reason.optional() }),
  'member.ban': z.looseObject({
    log: lawLog,
    target: member,
    reason: reason.optional(),
    expires_at: timestampSchema.optional(),
  }),
  'member.unban': z.looseObject({ log: lawLog, target: member }),
  'member.roles': z.looseObject({ log: lawLog, target: member, roles: roleIds }),
  'invite.create': z.looseObject({
    log: lawLog,
    public_key: base64Url32Schema,
    expires_at: timestampSchema.optional(),
    max_uses: z.int().min(1).optional(),
    roles: roleIds.optional(),
  }),
  'invite.revoke': z.looseObject({ log: lawLog, invite_id: inviteIdSchema }),
  'node.keys': z.looseObject({ log: lawLog, statement: keyStatementSchema }),
} as const

/** Content of every timeline event, by type. They live in the room of their channel. */
export const TIMELINE_CONTENT = {
  message: z.looseObject({ log: timelineLog, author, content: boundedText(1, MAX_MESSAGE_SCALARS) }),
} as const

/** What we ask of an event whose type a later version knows: its place in the log. */
export const UNKNOWN_CONTENT = z.looseObject({ log: z.looseObject({ position, guild_id: guildIdSchema.optional() }) })

/** The members we know, deeply read-only: without the index signature of a loose object a misspelt name does not compile. */
type Known<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Known<Item>[]
    : { readonly [Key in keyof T as string extends Key ? never : Key]: Known<T[Key]> }

export type LawContent = { readonly [T in keyof typeof LAW_CONTENT]: Known<z.output<(typeof LAW_CONTENT)[T]>> }
export type TimelineContent = {
  readonly [T in keyof typeof TIMELINE_CONTENT]: Known<z.output<(typeof TIMELINE_CONTENT)[T]>>
}
export type UnknownContent = Known<z.output<typeof UNKNOWN_CONTENT>>

export type KeyStatement = Known<z.output<typeof keyStatementSchema>>
export type SigningKeyEntry = KeyStatement['keys'][number]
/** The pair that names a member in content: `user_id` alone is unique on its home node only. */
export type MemberRef = Known<z.output<typeof member>>

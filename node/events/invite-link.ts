import { z } from 'zod'
import { fromBase64Url, toBase64Url, utf8 } from '../base/bytes.ts'
import { guildIdSchema, inviteIdSchema, serverNameSchema } from '../base/ids.ts'
import { canonicalJson } from './canonical.ts'
import { isPeerId } from './peer-id.ts'
import { base64Url32Schema, timestampSchema } from './schema/content.ts'
import { nameSchema, trimWhiteSpace } from './schema/text.ts'

const SCHEME = 'openguild://join/'
const VERSION = 1
const MAX_PEERS = 4
const MAX_ADDRESSES = 16
/** Room for every field at its limit. */
const MAX_LINK_CHARACTERS = 32_768

const peerSchema = z.object({
  peer_id: serverNameSchema.refine(isPeerId, 'must be a peer id'),
  addresses: z.array(z.string().startsWith('/').max(256)).max(MAX_ADDRESSES),
})

const inviteSchema = z.object({
  v: z.literal(VERSION),
  guild_id: guildIdSchema,
  guild_name: nameSchema,
  invite_id: inviteIdSchema,
  secret: base64Url32Schema,
  peers: z.array(peerSchema).min(1).max(MAX_PEERS),
  expires_at: timestampSchema.optional(),
})

type WireInvite = z.output<typeof inviteSchema>

/**
 * What an invite link carries. Whoever holds `secret` may join, so a link is never logged. `peers` are nodes that can admit,
 * the inviter first: one of them is enough.
 */
export type Invite = Omit<WireInvite, 'v'>

export type InviteLinkFault = 'not_a_link' | 'damaged' | 'newer_version' | 'bad_field'

export type InviteLinkOutcome =
  | { readonly kind: 'invite'; readonly invite: Invite }
  | { readonly kind: 'refused'; readonly fault: InviteLinkFault; readonly message: string }

/** Peers and addresses beyond what a link holds are left out, so put the best ones first. */
export function encodeInviteLink(invite: Invite): string {
  const peers = invite.peers
    .slice(0, MAX_PEERS)
    .map(({ peer_id, addresses }) => ({ peer_id, addresses: addresses.slice(0, MAX_ADDRESSES) }))
  return SCHEME + toBase64Url(utf8(canonicalJson({ ...invite, peers, v: VERSION })))
}

/** Reads a pasted link; the messages are for the person who pasted it. Expiry is left to whoever has a clock. */
export function parseInviteLink(text: string): InviteLinkOutcome {
  const link = trimWhiteSpace(text)
  if (!link.toLowerCase().startsWith(SCHEME)) return refused('not_a_link', `an invite link begins with ${SCHEME}`)
  if (link.length > MAX_LINK_CHARACTERS) return refused('damaged', 'this link is too long to be an invite')
  // Some programs add a slash when they hand a link over.
  const value = decode(link.slice(SCHEME.length).replace(/\/$/, ''))
  if (value === undefined) return refused('damaged', 'this link is damaged: copy the whole link again')
  if (isNewer(value)) return refused('newer_version', 'this link needs a newer version of OpenGuild')
  const result = inviteSchema.safeParse(value)
  if (!result.success) return refused('bad_field', `this link is not complete: ${fieldOf(result.error)}`)
  const { v: _version, ...invite } = result.data
  return { kind: 'invite', invite }
}

function decode(encoded: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(fromBase64Url(encoded)))
  } catch {
    return undefined
  }
}

const isNewer = (value: unknown): boolean => z.object({ v: z.int().min(VERSION + 1) }).safeParse(value).success

function fieldOf(error: z.ZodError): string {
  const [issue] = error.issues
  return issue ? `${issue.path.join('.')} ${issue.message}` : 'unknown field'
}

const refused = (fault: InviteLinkFault, message: string): InviteLinkOutcome => ({ kind: 'refused', fault, message })

import { toBase64Url } from '../base/bytes.ts'
import { AppError } from '../base/errors.ts'
import type { EventId, GuildId, InviteId, ServerName, UserId } from '../base/ids.ts'
import { encodeInviteLink } from '../events/invite-link.ts'
import { invitePublicKey } from '../events/join-proof.ts'
import type { GuildState, Invite } from '../events/state/guild-state.ts'
import { type Caller, requirePermission } from './guild-access.ts'
import { createJoins, type Joins, type JoinsDeps } from './joins.ts'

export type { JoinRemote } from './joins.ts'

export interface InviteTerms {
  /** Most joins; without it any number. */
  readonly maxUses?: number | undefined
  /** Seconds from now; without it the invite never ends. */
  readonly expiresInSecs?: number | undefined
  /** Role ids every joiner gets; without them the plain member role. */
  readonly roles?: readonly string[] | undefined
}

export interface CreatedInvite {
  readonly invite: Invite
  /** The only time it is seen: the node keeps the public half alone. */
  readonly link: string
}

export interface Invites extends Joins {
  /** Throws `not_found`, `forbidden`. */
  create(caller: Caller, guildId: GuildId, terms: InviteTerms): Promise<CreatedInvite>
  /** All invites ever made for the guild, newest first. Throws `not_found`, `forbidden`. */
  list(userId: UserId, guildId: GuildId): Invite[]
  /** Nobody joins with it any more. Throws `not_found`, `forbidden`. */
  revoke(caller: Caller, guildId: GuildId, inviteId: InviteId): Promise<void>
}

/** Where a node can be reached, as it goes into a link. */
export interface InvitePeer {
  readonly peer_id: ServerName
  readonly addresses: readonly string[]
}

export interface InvitesDeps extends JoinsDeps {
  /** This node first, then others that serve the guild; empty without federation. */
  invitePeers: (guildId: GuildId) => InvitePeer[]
  randomBytes: (size: number) => Uint8Array
}

const SECRET_BYTES = 32

export function createInvites(deps: InvitesDeps): Invites {
  const { timeline, access, self, clock } = deps

  async function create(caller: Caller, guildId: GuildId, terms: InviteTerms): Promise<CreatedInvite> {
    access.getSeat(caller.userId, guildId)
    const secret = deps.randomBytes(SECRET_BYTES)
    const { eventId } = await timeline.send({
      guildId,
      eventType: 'invite.create',
      roomId: guildId,
      sender: caller.userId,
      content: { public_key: invitePublicKey(secret), ...termsContent(terms, clock.now()) },
    })
    const { state } = access.getSeat(caller.userId, guildId)
    const invite = findInviteMadeBy(state, eventId)
    if (invite === undefined) throw new Error(`The law allowed ${eventId}, but made no invite of it`)
    const found = deps.invitePeers(guildId)
    // Without federation the link still works for accounts of this node.
    const peers = found.length > 0 ? found : [{ peer_id: self, addresses: [] }]
    return { invite, link: linkOf(state, invite, { secret, peers }) }
  }

  return {
    ...createJoins(deps),
    create,
    list(userId, guildId) {
      const seat = access.getSeat(userId, guildId)
      requirePermission(seat, 'create_invites', 'manage_guild')
      return [...seat.state.invites.values()].sort((a, b) => b.createdAt - a.createdAt)
    },
    async revoke(caller, guildId, inviteId) {
      const { state } = access.getSeat(caller.userId, guildId)
      const invite = state.invites.get(inviteId)
      if (invite === undefined) throw new AppError('not_found', 'There is no such invite in this guild')
      if (invite.revoked) return
      await timeline.send({
        guildId,
        eventType: 'invite.revoke',
        roomId: guildId,
        sender: caller.userId,
        content: { invite_id: inviteId },
      })
    },
  }
}

function termsContent({ maxUses, expiresInSecs, roles }: InviteTerms, now: number): Record<string, unknown> {
  return {
    ...(maxUses === undefined ? {} : { max_uses: maxUses }),
    ...(expiresInSecs === undefined ? {} : { expires_at: now + expiresInSecs * 1000 }),
    ...(roles === undefined ? {} : { roles }),
  }
}

function linkOf(
  state: GuildState,
  invite: Invite,
  { secret, peers }: { secret: Uint8Array; peers: readonly InvitePeer[] },
): string {
  return encodeInviteLink({
    guild_id: state.guildId,
    guild_name: state.name,
    invite_id: invite.inviteId,
    secret: toBase64Url(secret),
    peers: peers.map(({ peer_id, addresses }) => ({ peer_id, addresses: [...addresses] })),
    ...(invite.expiresAt === undefined ? {} : { expires_at: invite.expiresAt }),
  })
}

function findInviteMadeBy(state: GuildState, eventId: EventId): Invite | undefined {
  return state.invites.values().find((invite) => invite.createEvent === eventId)
}

import { fromBase64Url, toBase64Url } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { AppError } from '../base/errors.ts'
import type { EventId, GuildId, InviteId, ServerName, UserId } from '../base/ids.ts'
import { encodeInviteLink, type Invite as InviteLink, parseInviteLink } from '../events/invite-link.ts'
import { createJoinProof, invitePublicKey } from '../events/join-proof.ts'
import type { GuildState, Invite } from '../events/state/guild-state.ts'
import { type Caller, type GuildAccess, requirePermission } from './guild-access.ts'
import { expired, faultOf, readLink, refuseLink } from './invite-faults.ts'
import type { Timeline } from './timeline/types.ts'

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

export interface Invites {
  /** Throws `not_found`, `forbidden`. */
  create(caller: Caller, guildId: GuildId, terms: InviteTerms): Promise<CreatedInvite>
  /** All invites ever made for the guild, newest first. Throws `not_found`, `forbidden`. */
  list(userId: UserId, guildId: GuildId): Invite[]
  /** Nobody joins with it any more. Throws `not_found`, `forbidden`. */
  revoke(caller: Caller, guildId: GuildId, inviteId: InviteId): Promise<void>
  /**
   * Makes the caller a member of the guild behind a link, fetching the guild first when it is not held here. Who is a
   * member already gets the same answer. Throws `invite_invalid`, `invite_expired`, `invite_used_up`, `invite_revoked`,
   * `peer_unreachable`, `federation_disabled`, `forbidden`.
   */
  join(caller: Caller, link: string): Promise<GuildState>
  /** Whether the link would still let somebody into a guild held here. */
  isUsable(link: string): boolean
}

/** Where a node can be reached, as it goes into a link. */
export interface InvitePeer {
  readonly peer_id: ServerName
  readonly addresses: readonly string[]
}

/**
 * Fetches the law of the guild behind a link from the nodes it names, so that the join can be judged here. Throws
 * `peer_unreachable`, `federation_disabled`, and the `invite_*` codes when those nodes refuse.
 */
export type JoinRemote = (link: InviteLink, user: Caller) => Promise<void>

export interface InvitesDeps {
  timeline: Pick<Timeline, 'send' | 'stateOf'>
  access: Pick<GuildAccess, 'getSeat' | 'findSeat'>
  /** This node first, then others that serve the guild; empty without federation. */
  invitePeers: (guildId: GuildId) => InvitePeer[]
  joinRemote: JoinRemote
  self: ServerName
  clock: Clock
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
    return { invite, link: linkOf(state, invite, secret) }
  }

  function linkOf(state: GuildState, invite: Invite, secret: Uint8Array): string {
    const found = deps.invitePeers(state.guildId)
    // Without federation the link still works for accounts of this node.
    const peers = found.length > 0 ? found : [{ peer_id: self, addresses: [] }]
    return encodeInviteLink({
      guild_id: state.guildId,
      guild_name: state.name,
      invite_id: invite.inviteId,
      secret: toBase64Url(secret),
      peers: peers.map(({ peer_id, addresses }) => ({ peer_id, addresses: [...addresses] })),
      ...(invite.expiresAt === undefined ? {} : { expires_at: invite.expiresAt }),
    })
  }

  async function join(caller: Caller, text: string): Promise<GuildState> {
    const link = readLink(text)
    const seated = access.findSeat(caller.userId, link.guild_id)
    if (seated !== undefined) return seated.state

    const invite = await knownInvite(link, caller)
    const fault = faultOf(invite, link, clock.now())
    if (fault !== undefined) throw fault
    try {
      await sendJoin(caller, link)
    } catch (error) {
      // Another join was faster: of this user, or the last one the invite had left.
      if (access.findSeat(caller.userId, link.guild_id) === undefined) throw currentFault(link) ?? error
    }
    return access.getSeat(caller.userId, link.guild_id).state
  }

  function sendJoin(caller: Caller, link: InviteLink): Promise<unknown> {
    const joiner = { guildId: link.guild_id, userId: caller.userId, serverName: self }
    return timeline.send({
      guildId: link.guild_id,
      eventType: 'member.join',
      roomId: link.guild_id,
      sender: caller.userId,
      content: {
        author: { id: caller.userId, username: caller.username },
        invite_id: link.invite_id,
        proof: createJoinProof(fromBase64Url(link.secret), joiner),
      },
    })
  }

  function currentFault(link: InviteLink): AppError | undefined {
    const invite = findInvite(link)
    return invite && faultOf(invite, link, clock.now())
  }

  /** A guild held here may still lack an invite that was made elsewhere a moment ago: then its makers are asked too. */
  async function knownInvite(link: InviteLink, caller: Caller): Promise<Invite> {
    const held = findInvite(link)
    if (held !== undefined) return held
    if (link.expires_at !== undefined && link.expires_at <= clock.now()) throw expired()
    await deps.joinRemote(link, caller)
    return findInvite(link) ?? refuseLink('This guild has no such invite: it belongs to another one')
  }

  const findInvite = (link: InviteLink): Invite | undefined =>
    timeline.stateOf(link.guild_id)?.invites.get(link.invite_id)

  return {
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
    join,
    isUsable(text) {
      const outcome = parseInviteLink(text)
      if (outcome.kind === 'refused') return false
      const invite = findInvite(outcome.invite)
      return invite !== undefined && faultOf(invite, outcome.invite, clock.now()) === undefined
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

function findInviteMadeBy(state: GuildState, eventId: EventId): Invite | undefined {
  return state.invites.values().find((invite) => invite.createEvent === eventId)
}

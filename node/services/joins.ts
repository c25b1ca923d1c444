import { fromBase64Url } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import type { AppError } from '../base/errors.ts'
import type { ServerName } from '../base/ids.ts'
import { type Invite as InviteLink, parseInviteLink } from '../events/invite-link.ts'
import { createJoinProof } from '../events/join-proof.ts'
import type { GuildState, Invite } from '../events/state/guild-state.ts'
import type { Caller, GuildAccess } from './guild-access.ts'
import { expired, faultOf, readLink } from './invite-faults.ts'
import type { Timeline } from './timeline/types.ts'

export interface Joins {
  /**
   * Makes the caller a member of the guild behind a link, fetching the guild first when it is not held here. Who is a
   * member already gets the same answer. Throws `invite_invalid`, `invite_expired`, `invite_used_up`, `invite_revoked`,
   * `peer_unreachable`, `clock_skew`, `federation_disabled`, `forbidden`.
   */
  join(caller: Caller, link: string): Promise<GuildState>
  /** Whether the link would still let somebody into a guild held here. */
  isUsable(link: string): boolean
}

/**
 * Fetches the law of the guild behind a link from the nodes it names, so that the join can be judged here. Throws
 * `peer_unreachable`, `clock_skew`, `federation_disabled`, and the `invite_*` codes when those nodes refuse.
 */
export type JoinRemote = (link: InviteLink, user: Caller) => Promise<void>

export interface JoinsDeps {
  timeline: Pick<Timeline, 'send' | 'stateOf'>
  access: Pick<GuildAccess, 'getSeat' | 'findSeat'>
  joinRemote: JoinRemote
  self: ServerName
  clock: Clock
}

export function createJoins({ timeline, access, joinRemote, self, clock }: JoinsDeps): Joins {
  async function join(caller: Caller, text: string): Promise<GuildState> {
    const link = readLink(text)
    const seated = access.findSeat(caller.userId, link.guild_id)
    if (seated !== undefined) return seated.state

    await makeKnown(link, caller)
    const fault = faultNow(link)
    if (fault !== undefined) throw fault
    try {
      await sendJoin(caller, link)
    } catch (error) {
      // Another join was faster: of this user, or the last one the invite had left.
      if (access.findSeat(caller.userId, link.guild_id) === undefined) throw faultNow(link) ?? error
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

  /** A guild held here may still lack an invite that was made elsewhere a moment ago: then its makers are asked too. */
  async function makeKnown(link: InviteLink, caller: Caller): Promise<void> {
    if (findInvite(link) !== undefined) return
    if (link.expires_at !== undefined && link.expires_at <= clock.now()) throw expired()
    await joinRemote(link, caller)
  }

  const findInvite = (link: InviteLink): Invite | undefined =>
    timeline.stateOf(link.guild_id)?.invites.get(link.invite_id)

  const faultNow = (link: InviteLink): AppError | undefined => faultOf(findInvite(link), link, clock.now())

  return {
    join,
    isUsable(text) {
      const outcome = parseInviteLink(text)
      return outcome.kind === 'invite' && faultNow(outcome.invite) === undefined
    },
  }
}

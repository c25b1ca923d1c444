import type { Stream } from '@libp2p/interface'
import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import type { ServerName } from '../../base/ids.ts'
import type { Logger } from '../../base/log.ts'
import { authorize } from '../../events/auth/authorize.ts'
import type { RefusalCode } from '../../events/auth/verdict.ts'
import type { Timeline } from '../../services/timeline/types.ts'
import { createFrameChannel, type FrameLimits } from '../frames.ts'
import type { Access } from '../grants.ts'
import { createRateLimit } from '../rate-limit.ts'
import { type JoinAnswer, type JoinRefusal, type JoinRequest, joinRequestSchema } from '../wire.ts'

export interface JoinServerDeps {
  timeline: Pick<Timeline, 'stateOf'>
  access: Pick<Access, 'grant'>
  clock: Clock
  log: Logger
  frameLimits: FrameLimits
}

const REQUEST_LIMIT = { perSecond: 1, burst: 10 }

const REFUSALS: Partial<Record<RefusalCode, JoinRefusal>> = {
  invite_revoked: 'invite_revoked',
  invite_expired: 'invite_expired',
  invite_used_up: 'invite_used_up',
}

/**
 * The answering side of `/openguild/join/1`: any member node can let a joiner read a guild, while its host is off. The join
 * itself is the joiner's own `member.join`; here it only gets what it needs to write one.
 */
export function createJoinServer(deps: JoinServerDeps): (stream: Stream, peer: ServerName) => void {
  const requests = createRateLimit<ServerName>(deps.clock, REQUEST_LIMIT)

  async function converse(stream: Stream, peer: ServerName): Promise<void> {
    const channel = createFrameChannel(stream, deps.frameLimits)
    try {
      const request = joinRequestSchema.parse((await channel.read())?.header)
      await channel.write(requests.allow(peer) ? answer(request, peer) : refused('busy', 'Ask again shortly'))
      await channel.close()
    } catch (error) {
      channel.abort(error instanceof Error ? error : new Error(String(error)))
      throw error
    }
  }

  function answer(request: JoinRequest, peer: ServerName): JoinAnswer {
    const { timeline, access, log } = deps
    const { guild_id: guildId } = request
    const state = timeline.stateOf(guildId)
    if (state === undefined) return refused('not_here', 'This node does not hold the guild')
    const verdict = authorize(joinActOf(request, peer, deps.clock.now()), state)
    if (verdict.kind === 'refused' && verdict.code !== 'already_a_member') {
      log.info({ peer, guild_id: guildId, reason: verdict.code }, 'Refused to let a node join')
      return refused(REFUSALS[verdict.code] ?? 'invite_invalid', verdict.reason)
    }
    access.grant(guildId, peer)
    log.info({ peer, guild_id: guildId }, 'A node may join')
    return { type: 'welcome', guild_name: state.name }
  }

  return (stream, peer) => {
    converse(stream, peer).catch((error: unknown) => {
      deps.log.info({ peer, reason: messageOf(error) }, 'A join request failed')
    })
  }
}

/** The `member.join` the joiner would write now. */
const joinActOf = (request: JoinRequest, peer: ServerName, now: number) => ({
  event_type: 'member.join' as const,
  sender: request.user_id,
  origin_server: peer,
  room_id: request.guild_id,
  origin_ts: now,
  content: {
    author: { id: request.user_id, username: request.username },
    invite_id: request.invite_id,
    proof: request.proof,
  },
})

const refused = (code: JoinRefusal, message: string): JoinAnswer => ({ type: 'refused', code, message })

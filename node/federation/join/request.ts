import { fromBase64Url } from '../../base/bytes.ts'
import { AppError, type ErrorCode, messageOf } from '../../base/errors.ts'
import type { GuildId, InviteId, ServerName, UserId } from '../../base/ids.ts'
import type { Logger } from '../../base/log.ts'
import { createJoinProof } from '../../events/join-proof.ts'
import type { Peers } from '../../services/peers.ts'
import type { Timeline } from '../../services/timeline/types.ts'
import { BusyError, type CatchUp } from '../catch-up.ts'
import { createFrameChannel, type FrameLimits } from '../frames.ts'
import type { Access } from '../grants.ts'
import type { Host } from '../host.ts'
import type { Timers } from '../timers.ts'
import { JOIN_PROTOCOL, type JoinAnswer, joinAnswerSchema, type JoinRefusal } from '../wire.ts'

/** What an invite link holds, as far as joining needs it. */
export interface JoinTicket {
  guild_id: GuildId
  invite_id: InviteId
  /** base64url, 32 bytes. Never logged. */
  secret: string
  /** The inviter first. */
  peers: readonly { peer_id: ServerName; addresses: readonly string[] }[]
}

export interface Joiner {
  userId: UserId
  username: string
}

export interface JoinRequestDeps {
  self: ServerName
  host: Pick<Host, 'dial' | 'open' | 'links'>
  timeline: Pick<Timeline, 'expect' | 'stateOf' | 'aheadOfClock'>
  access: Pick<Access, 'expect' | 'stopExpecting'>
  catchUp: Pick<CatchUp, 'syncNow'>
  peers: Pick<Peers, 'learn'>
  timers: Timers
  log: Logger
  frameLimits: FrameLimits
}

/**
 * Brings a guild here so that a local user can join it: asks every node of the link, then every connected one, until one
 * lets us in and has given us the law with the invite in it. The history may still be coming in when this settles.
 * Throws `invite_expired`, `invite_revoked`, `invite_used_up`, `invite_invalid`, `clock_skew`,
 * `peer_unreachable`.
 */
export type JoinRemote = (ticket: JoinTicket, joiner: Joiner) => Promise<void>

interface Candidate {
  peerId: ServerName
  addresses: readonly string[]
}

type Attempt =
  { kind: 'joined' } | { kind: 'refused'; code: JoinRefusal; message: string } | { kind: 'failed'; reason: string }

const DIAL_TIMEOUT_MS = 8_000
/** Nodes beyond those of the link; each costs at most a round trip when it is alive. */
const MAX_OTHERS = 16
const SYNC_ATTEMPTS = 5
const BUSY_PAUSE_MS = 300
/** Small guilds are complete by then; of large ones the law is here and the rest follows. */
const PATIENCE_MS = 2_000
const LAW_POLL_MS = 50

/** What to tell the person: a verdict on the invite says more than a node that knows nothing. */
const TELLING: readonly ErrorCode[] = ['invite_revoked', 'invite_expired', 'invite_used_up', 'invite_invalid']

export function createJoinRemote(deps: JoinRequestDeps): JoinRemote {
  return async (ticket, joiner) => {
    const failures: string[] = []
    const refusals: Extract<Attempt, { kind: 'refused' }>[] = []
    for (const candidate of candidatesOf(deps, ticket)) {
      const attempt = await tryCandidate(deps, candidate, { ticket, joiner })
      if (attempt.kind === 'joined') return
      if (attempt.kind === 'refused') refusals.push(attempt)
      failures.push(`${candidate.peerId}: ${attempt.kind === 'refused' ? attempt.message : attempt.reason}`)
    }
    throw failureOf(refusals, failures, deps.timeline.aheadOfClock(ticket.guild_id))
  }
}

function candidatesOf({ self, host }: JoinRequestDeps, ticket: JoinTicket): Candidate[] {
  const linked = ticket.peers.map(({ peer_id: peerId, addresses }) => ({ peerId, addresses }))
  const named = new Set(linked.map((candidate) => candidate.peerId))
  const others = host.links().filter((link) => !named.has(link.peerId))
  const connected = others.slice(0, MAX_OTHERS).map(({ peerId }) => ({ peerId, addresses: [] }))
  return [...linked, ...connected].filter((candidate) => candidate.peerId !== self)
}

interface Wish {
  ticket: JoinTicket
  joiner: Joiner
}

async function tryCandidate(deps: JoinRequestDeps, candidate: Candidate, wish: Wish): Promise<Attempt> {
  const { peerId } = candidate
  try {
    await deps.host.dial(peerId, candidate.addresses, AbortSignal.timeout(DIAL_TIMEOUT_MS))
    const answer = await ask(deps, peerId, wish)
    if (answer.type === 'refused') return { kind: 'refused', code: answer.code, message: answer.message }
    deps.peers.learn(peerId, candidate.addresses)
    const hasLaw = await fetchLaw(deps, peerId, wish.ticket)
    return hasLaw ? { kind: 'joined' } : { kind: 'failed', reason: 'it did not give the guild' }
  } catch (error) {
    deps.log.info({ peer: peerId, reason: messageOf(error) }, 'A node could not be asked to join')
    return { kind: 'failed', reason: messageOf(error) }
  }
}

async function ask(deps: JoinRequestDeps, peer: ServerName, { ticket, joiner }: Wish): Promise<JoinAnswer> {
  const guildId = ticket.guild_id
  const serverName = deps.self
  const stream = await deps.host.open(peer, JOIN_PROTOCOL, AbortSignal.timeout(DIAL_TIMEOUT_MS))
  const channel = createFrameChannel(stream, deps.frameLimits)
  try {
    await channel.write({
      type: 'join',
      guild_id: guildId,
      invite_id: ticket.invite_id,
      user_id: joiner.userId,
      username: joiner.username,
      proof: createJoinProof(fromBase64Url(ticket.secret), { guildId, userId: joiner.userId, serverName }),
    })
    const answer = joinAnswerSchema.parse((await channel.read())?.header)
    await channel.close()
    return answer
  } catch (error) {
    channel.abort(error instanceof Error ? error : new Error(String(error)))
    throw error
  }
}

/** True when the law here knows the invite. */
async function fetchLaw(deps: JoinRequestDeps, peer: ServerName, ticket: JoinTicket): Promise<boolean> {
  const guildId = ticket.guild_id
  const hasLaw = () => deps.timeline.stateOf(guildId)?.invites.has(ticket.invite_id) === true
  deps.timeline.expect(guildId)
  deps.access.expect(guildId, peer)
  // What waits for its time will not come any sooner by asking again.
  const isOver = () => hasLaw() || deps.timeline.aheadOfClock(guildId) > 0
  const synced = syncUntil(deps, peer, isOver).finally(() => deps.access.stopExpecting(guildId, peer))
  await Promise.race([synced, waitFor(deps.timers, hasLaw, synced)])
  return hasLaw()
}

async function syncUntil(
  { catchUp, timers, log }: JoinRequestDeps,
  peer: ServerName,
  isDone: () => boolean,
): Promise<void> {
  for (let attempt = 0; attempt < SYNC_ATTEMPTS; attempt += 1) {
    try {
      await catchUp.syncNow(peer)
      if (isDone()) return
    } catch (error) {
      if (!(error instanceof BusyError)) return log.info({ peer, reason: messageOf(error) }, 'A sync failed')
    }
    await pause(timers, BUSY_PAUSE_MS)
  }
}

/** Settles a while after the condition holds, or never when the sync ends first. */
async function waitFor(timers: Timers, holds: () => boolean, ended: Promise<void>): Promise<void> {
  let isOver = false
  void ended.then(() => (isOver = true))
  while (!isOver && !holds()) await pause(timers, LAW_POLL_MS)
  await pause(timers, PATIENCE_MS)
}

const pause = (timers: Timers, delayMs: number) => new Promise<void>((resolve) => timers.after(delayMs, resolve))

function failureOf(
  refusals: readonly Extract<Attempt, { kind: 'refused' }>[],
  failures: readonly string[],
  aheadMs: number,
): AppError {
  for (const code of TELLING) {
    const telling = refusals.find((refusal) => refusal.code === code)
    if (telling) return new AppError(code, telling.message)
  }
  if (aheadMs > 0) return clockFault(aheadMs)
  const tried = failures.length === 0 ? 'the link names no node' : `tried ${failures.join('; ')}`
  return new AppError(
    'peer_unreachable',
    `No node of this guild could be reached (${tried}). Ask for a new link while one of its members is online.`,
  )
}

function clockFault(aheadMs: number): AppError {
  const minutes = Math.max(1, Math.round(aheadMs / 60_000))
  return new AppError(
    'clock_skew',
    `The clock of this node is at least ${minutes} minutes behind those of the guild, so what they sent cannot be taken yet. ` +
      'Set the clock of this computer right and join again; if it is right, theirs is wrong.',
  )
}

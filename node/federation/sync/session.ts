import type { GuildId, ServerName } from '../../base/ids.ts'
import type { LogTip, Timeline } from '../../services/timeline/types.ts'
import { type FrameChannel, type FrameLimits, ProtocolError } from '../frames.ts'
import { type EndFrame, type GuildOffer, type Hello, type SyncHeader, syncHeaderSchema } from '../wire.ts'
import { cutForks, jsonBytes } from './bounds.ts'
import { createIntake, type Intake } from './intake.ts'
import { fromWireTip, type Offers, toWireTip } from './offers.ts'
import { cutPages } from './pages.ts'
import { compareGuild, type GuildReport, type SyncReport } from './report.ts'

export interface SessionDeps {
  timeline: Pick<Timeline, 'findGuild' | 'missingFor' | 'receive'>
  offers: Offers
  frameLimits: Pick<FrameLimits, 'maxFrameBytes'>
}

export interface Session {
  channel: FrameChannel
  peer: ServerName
  role: 'initiator' | 'responder'
}

export type SessionOutcome = { kind: 'synced'; report: SyncReport } | { kind: 'busy' }

/** A guild both sides speak about. */
interface SharedGuild {
  guildId: GuildId
  theirTips: readonly LogTip[]
  /** Their tips do not tell all they hold. */
  isPartial: boolean
}

/**
 * One sync (protocol, "Sync"): 1. hello, the initiator's first, so that the responder knows whom it admits  2. both sides
 * stream what the other lacks, at the same time  3. both tell where they ended. Throws `ProtocolError` when the other side
 * breaks the rules; what was received until then stays.
 */
export async function runSession(deps: SessionDeps, session: Session): Promise<SessionOutcome> {
  const hellos = await exchangeHellos(deps, session) // 1
  if (hellos === undefined) return { kind: 'busy' }
  const shared = sharedGuilds(hellos.ours, hellos.theirs)
  const intake = createIntake(deps.timeline, session.peer, heldByThem(shared))
  const [sent] = await bothOrNeither(session.channel, [
    sendEvents(deps, session.channel, shared), // 2
    receiveEvents(session.channel, intake, shared),
  ])
  await session.channel.write(endFrame(deps, shared)) // 3
  const theirEnd = await readEnd(session.channel)
  const guilds = compare(deps, shared, theirEnd)
  return { kind: 'synced', report: { guilds, sent, ...intake.counts(), again: hellos.isAdmitting } }
}

interface Hellos {
  ours: Hello
  theirs: Hello
  /** Guilds we would have offered, had we known that the other side was admitted. */
  isAdmitting: boolean
}

async function exchangeHellos({ offers }: SessionDeps, session: Session): Promise<Hellos | undefined> {
  const { channel, peer, role } = session
  if (role === 'responder') {
    const theirs = await readHello(channel)
    if (theirs === undefined) throw new ProtocolError('unexpected_frame', 'A sync begins with hello')
    await offers.accept(peer, theirs)
    const ours = offers.helloFor(peer, theirs)
    await channel.write(ours)
    offers.noteHellos(peer, ours, theirs)
    return { ours, theirs, isAdmitting: false }
  }
  const ours = offers.helloFor(peer)
  await channel.write(ours)
  const theirs = await readHello(channel)
  if (theirs === undefined) return undefined
  const admitted = await offers.accept(peer, theirs)
  offers.noteHellos(peer, ours, theirs)
  return { ours, theirs, isAdmitting: admitted.length > 0 }
}

/** Undefined when the other side is busy. */
async function readHello(channel: FrameChannel): Promise<Hello | undefined> {
  const { header } = await readFrame(channel)
  if (header.type === 'hello') return header
  if (header.type === 'busy') return undefined
  throw new ProtocolError('unexpected_frame', `Expected hello, got ${header.type}`)
}

async function readEnd(channel: FrameChannel): Promise<EndFrame> {
  const { header } = await readFrame(channel)
  if (header.type === 'end') return header
  throw new ProtocolError('unexpected_frame', `Expected end, got ${header.type}`)
}

async function readFrame(channel: FrameChannel): Promise<{ header: SyncHeader; lines: string[] }> {
  const frame = await channel.read()
  if (frame === undefined) throw new ProtocolError('closed', 'The peer ended the sync early')
  const header = syncHeaderSchema.safeParse(frame.header)
  if (!header.success) throw new ProtocolError('bad_frame', 'A frame header has no known shape')
  return { header: header.data, lines: frame.lines }
}

function sharedGuilds(ours: Hello, theirs: Hello): SharedGuild[] {
  const offered = new Map(theirs.guilds.map((offer) => [offer.guild_id, offer]))
  return ours.guilds.flatMap(({ guild_id: guildId }) => {
    const offer = offered.get(guildId)
    return offer === undefined ? [] : [{ guildId, theirTips: tipsOf(offer), isPartial: offer.partial === true }]
  })
}

const tipsOf = (offer: GuildOffer): LogTip[] => offer.tips.map(fromWireTip)

/** All the other side says it holds of what we share: more than that it must not send. */
const heldByThem = (shared: readonly SharedGuild[]): number =>
  shared.some((guild) => guild.isPartial)
    ? Infinity
    : shared.flatMap((guild) => guild.theirTips).reduce((total, tip) => total + tip.position, 0)

async function sendEvents(
  { timeline }: SessionDeps,
  channel: FrameChannel,
  shared: readonly SharedGuild[],
): Promise<number> {
  let total = 0
  for (const { guildId, theirTips } of shared) {
    let sent = 0
    const isHeld = timeline.findGuild(guildId) !== undefined
    for await (const page of cutPages(isHeld ? timeline.missingFor(guildId, theirTips) : [])) {
      await channel.write({ type: 'events', guild_id: guildId }, page)
      sent += page.length
    }
    await channel.write({ type: 'done', guild_id: guildId, sent })
    total += sent
  }
  return total
}

async function receiveEvents(channel: FrameChannel, intake: Intake, shared: readonly SharedGuild[]): Promise<void> {
  const open = new Set(shared.map((guild) => guild.guildId))
  while (open.size > 0) {
    const { header, lines } = await readFrame(channel)
    if (header.type !== 'events' && header.type !== 'done') {
      throw new ProtocolError('unexpected_frame', `Expected events, got ${header.type}`)
    }
    if (!open.has(header.guild_id)) throw new ProtocolError('unexpected_frame', 'Events of a guild that is not shared')
    if (header.type === 'done') open.delete(header.guild_id)
    else await intake.take(header.guild_id, lines)
  }
  await intake.settled()
}

/** When one direction fails the stream is dropped, so that the other does not wait for ever. */
async function bothOrNeither<A, B>(channel: FrameChannel, work: readonly [Promise<A>, Promise<B>]): Promise<[A, B]> {
  try {
    return await Promise.all(work)
  } catch (error) {
    channel.abort(error instanceof Error ? error : new Error(String(error)))
    await Promise.allSettled(work)
    throw error
  }
}

/** What does not fit into one frame is left out: it is not compared this time. */
function endFrame({ timeline, frameLimits }: SessionDeps, shared: readonly SharedGuild[]): EndFrame {
  const end: EndFrame = { type: 'end', guilds: [] }
  let room = frameLimits.maxFrameBytes - jsonBytes(end)
  for (const { guildId } of shared) {
    const guild = timeline.findGuild(guildId)
    const tips = cutForks(guild?.tips ?? []).tips.map(toWireTip)
    const side = { guild_id: guildId, state_hash: guild?.stateHash ?? '', tips }
    room -= jsonBytes(side)
    if (room < 0) break
    end.guilds.push(side)
  }
  return end
}

function compare({ timeline }: SessionDeps, shared: readonly SharedGuild[], end: EndFrame): GuildReport[] {
  const theirs = new Map(end.guilds.map((guild) => [guild.guild_id, guild]))
  return shared.flatMap(({ guildId }) => {
    const [mine, other] = [timeline.findGuild(guildId), theirs.get(guildId)]
    if (mine === undefined || other === undefined) return []
    const side = { stateHash: other.state_hash, tips: other.tips.map(fromWireTip) }
    const ours = { stateHash: mine.stateHash, tips: cutForks(mine.tips).tips }
    return [{ guildId, theirs: side, comparison: compareGuild(ours, side) }]
  })
}

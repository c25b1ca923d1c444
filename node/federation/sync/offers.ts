import type { Clock } from '../../base/clock.ts'
import type { GuildId, ServerName } from '../../base/ids.ts'
import { authorize } from '../../events/auth/authorize.ts'
import { checkGuildEvent } from '../../events/check-guild-event.ts'
import { parseEvent } from '../../events/parse.ts'
import { isLawEvent, type LawEvent } from '../../events/schema/event.ts'
import { verifySignature } from '../../events/verify.ts'
import type { Peers } from '../../services/peers.ts'
import type { LogTip, Timeline } from '../../services/timeline/types.ts'
import type { Access } from '../grants.ts'
import { isLoopback, usableHints } from '../hints.ts'
import type { Host } from '../host.ts'
import type { FrameLimits } from '../frames.ts'
import type { Membership } from '../membership.ts'
import {
  type GuildOffer,
  type Hello,
  MAX_HELLO_GUILDS,
  MAX_HELLO_PEERS,
  MAX_HINT_ADDRESSES,
  PROTOCOL_VERSION,
  type WireTip,
} from '../wire.ts'
import { cutForks, cutOffer, jsonBytes, MAX_HELLO_LAW_HEADS, takeFitting } from './bounds.ts'
import { createRotation } from './rotation.ts'

export interface OffersDeps {
  self: ServerName
  /** Free text for people. */
  displayName: string
  timeline: Pick<Timeline, 'findGuild' | 'findEvent' | 'stateOf'>
  access: Pick<Access, 'guildsFor' | 'isServed' | 'grant'>
  clock: Clock
  membership: Pick<Membership, 'nodes'>
  peers: Pick<Peers, 'find' | 'learn' | 'hint' | 'isBlocked'>
  host: Pick<Host, 'links'>
  frameLimits: Pick<FrameLimits, 'maxFrameBytes'>
}

/** What each side says first, and what it makes of the other's. */
export interface Offers {
  /**
   * Fits into one frame: what does not is left to the next hello. `theirs` is what it answers, of which the guilds come
   * first, so that both sides speak about the same.
   */
  helloFor(peer: ServerName, theirs?: Hello): Hello
  /** Both hellos of a session are said. */
  noteHellos(peer: ServerName, ours: Hello, theirs: Hello): void
  /**
   * Takes the addresses and proofs of admission. Gives the guilds that became served by such a proof. Nothing
   * is taken from a peer that has nothing to do with us.
   */
  accept(peer: ServerName, hello: Hello): Promise<GuildId[]>
}

/** Of a hello; what they leave is for guilds. */
const HINTS_SHARE = 0.25

export function createOffers(deps: OffersDeps): Offers {
  const { self, timeline, access, membership, peers } = deps
  const { maxFrameBytes } = deps.frameLimits
  const rotation = createRotation()

  function offerOf(guildId: GuildId): GuildOffer {
    const guild = timeline.findGuild(guildId)
    const admission = findAdmission(guildId)
    const { tips, isCut } = cutForks(guild?.tips ?? [])
    return {
      guild_id: guildId,
      state_hash: guild?.stateHash ?? '',
      law_heads: (guild?.lawHeads ?? []).slice(0, MAX_HELLO_LAW_HEADS),
      tips: tips.map(toWireTip),
      ...(admission === undefined ? {} : { admission }),
      ...(isCut ? { partial: true } : {}),
    }
  }

  /** Our own join by invite, for a peer that has not seen it yet. */
  function findAdmission(guildId: GuildId): string | undefined {
    for (const member of timeline.stateOf(guildId)?.members.values() ?? []) {
      const event = member.serverName === self ? timeline.findEvent(member.joinEvent) : undefined
      if (event?.eventType === 'member.join') return event.body
    }
    return undefined
  }

  function helloFor(peer: ServerName, theirs?: Hello): Hello {
    const hello: Hello = { type: 'hello', version: PROTOCOL_VERSION, name: deps.displayName, peers: [], guilds: [] }
    const room = maxFrameBytes - jsonBytes(hello)
    const guildIds = orderFor(peer, theirs)
    const hints = hintsFor(peer, guildIds)
    const { taken, left } = takeFitting(hints, room * HINTS_SHARE)
    return { ...hello, peers: taken, guilds: offersOf(guildIds, left + room * (1 - HINTS_SHARE)) }
  }

  function orderFor(peer: ServerName, theirs: Hello | undefined): GuildId[] {
    const ours = rotation.order(peer, access.guildsFor(peer))
    const mayName = new Set(ours)
    const both = (theirs?.guilds ?? []).map((offer) => offer.guild_id).filter((guildId) => mayName.has(guildId))
    return [...new Set([...both, ...ours])]
  }

  function offersOf(guildIds: readonly GuildId[], room: number): GuildOffer[] {
    const offers = guildIds.values().take(MAX_HELLO_GUILDS).map(offerOf)
    const { taken } = takeFitting(offers, room)
    const [first] = guildIds
    if (taken.length > 0 || first === undefined) return taken
    return [cutOffer(offerOf(first), room)]
  }

  function noteHellos(peer: ServerName, ours: Hello, theirs: Hello): void {
    const offered = ours.guilds.map((offer) => offer.guild_id)
    const named = new Set(theirs.guilds.map((offer) => offer.guild_id))
    rotation.note(peer, { offered, named, isAll: offered.length === access.guildsFor(peer).length })
  }

  function hintsFor(peer: ServerName, guildIds: readonly GuildId[]): Hello['peers'] {
    const nodes = new Set(guildIds.flatMap((guildId) => [...membership.nodes(guildId)]))
    return [...nodes].flatMap((node) => hintOf(node, peer)).slice(0, MAX_HELLO_PEERS)
  }

  function hintOf(node: ServerName, receiver: ServerName) {
    const known = node === self || node === receiver || peers.isBlocked(node) ? undefined : peers.find(node)
    return known === undefined || known.addresses.length === 0
      ? []
      : [{ peer_id: node, addresses: known.addresses.slice(0, MAX_HINT_ADDRESSES) }]
  }

  /** A join event the law would take today admits its node, even before it has reached us through the log. */
  function isAdmitted(peer: ServerName, { guild_id: guildId, admission }: GuildOffer): boolean {
    const state = timeline.stateOf(guildId)
    const join = state === undefined || admission === undefined ? undefined : readJoin(peer, admission)
    // A join we hold has had its effect; if its node is no member, it was removed since.
    if (join === undefined || join.room_id !== guildId || timeline.findEvent(join.event_id)) return false
    // By our clock: the join names a time of its own choice, and the invite may have ended since.
    const act = { ...join, origin_ts: Math.max(join.origin_ts, deps.clock.now()) }
    return authorize(act, state).kind === 'allowed'
  }

  /** The `member.join` in a text, if the peer wrote and signed it. */
  function readJoin(peer: ServerName, text: string): LawEvent | undefined {
    const parsed = parseEvent(text)
    const checked = parsed.kind === 'parsed' ? checkGuildEvent(parsed) : undefined
    if (parsed.kind !== 'parsed' || checked?.kind !== 'well-formed') return undefined
    const { event, publicKey, signature } = checked
    if (!isLawEvent(event) || event.event_type !== 'member.join' || event.origin_server !== peer) return undefined
    return verifySignature(publicKey, parsed.hash, signature) ? event : undefined
  }

  async function accept(peer: ServerName, hello: Hello): Promise<GuildId[]> {
    const admitted = hello.guilds.filter((offer) => !access.isServed(offer.guild_id, peer) && isAdmitted(peer, offer))
    for (const { guild_id: guildId } of admitted) access.grant(guildId, peer)
    const served = new Set(access.guildsFor(peer))
    if (!hello.guilds.some((offer) => served.has(offer.guild_id))) return []
    peers.learn(peer, [], hello.name)
    learnPeers(peer, hello, served)
    return admitted.map((offer) => offer.guild_id)
  }

  /** Addresses of members only: a peer must not fill our book with strangers. */
  function learnPeers(teller: ServerName, hello: Hello, served: ReadonlySet<GuildId>): void {
    const link = deps.host.links().find(({ peerId }) => peerId === teller)
    const sharesHost = link !== undefined && isLoopback(link.address)
    const members = new Set([...served].flatMap((guildId) => [...membership.nodes(guildId)]))
    for (const hint of hello.peers) {
      if (!members.has(hint.peer_id)) continue
      const usable = usableHints(hint.addresses, { sharesHost })
      if (usable.length > 0) peers.hint(hint.peer_id, usable)
    }
  }

  return { helloFor, noteHellos, accept }
}

export const toWireTip = (tip: LogTip): WireTip => ({
  origin: tip.origin,
  position: tip.position,
  event_id: tip.eventId,
})

export const fromWireTip = (tip: WireTip): LogTip => ({
  origin: tip.origin,
  position: tip.position,
  eventId: tip.event_id,
})

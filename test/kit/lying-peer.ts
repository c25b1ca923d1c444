import { randomBytes, randomUUID } from 'node:crypto'
import { fromBase64Url } from '../../node/base/bytes.ts'
import { type EventId, eventIdSchema, type GuildId, userIdSchema } from '../../node/base/ids.ts'
import { type BuiltEvent, signEvent } from '../../node/events/build.ts'
import type { Invite } from '../../node/events/invite-link.ts'
import { createJoinProof } from '../../node/events/join-proof.ts'
import { createOwnStatement } from '../../node/events/key-statement.ts'
import { publicKeyOfSeed } from '../../node/events/keys.ts'
import { peerIdOfPublicKey } from '../../node/events/peer-id.ts'
import type { WireEvent } from '../../node/events/schema/event.ts'
import { createSigner } from '../../node/events/sign.ts'
import { createFrameChannel, type FrameChannel } from '../../node/federation/frames.ts'
import { createHost, type Host } from '../../node/federation/host.ts'
import {
  type GuildOffer,
  type Hello,
  JOIN_PROTOCOL,
  SYNC_PROTOCOL,
  syncHeaderSchema,
  type WireTip,
} from '../../node/federation/wire.ts'
import { emptyOffer, helloWith } from './raw-peer.ts'

/** A member's node that keeps to the protocol as far as the test wants: real TCP and keys, and nothing behind them. */
export interface LyingPeer extends AsyncDisposable {
  readonly host: Host
  open(protocol: string): Promise<FrameChannel>
  /** Shows the invite, fetches the guild and becomes a member of it. */
  join(): Promise<void>
  /** A message that stands where `at` says; the next one of its own log, by default. Nothing is sent. */
  write(channelId: string, text: string, at?: Partial<Place>): BuiltEvent<WireEvent>
  /** Hands events over by sync, as if they were its log. */
  give(texts: readonly string[]): Promise<void>
}

export interface Place {
  position: number
  prev: readonly string[]
  at: number
}

const PATIENCE_MS = 5_000
const FRAME_LIMITS = { maxFrameBytes: 4 * 1024 * 1024, silenceMs: 10_000 }

/** Connects to the first node an invite names. */
export async function connectLyingPeer(invite: Invite): Promise<LyingPeer> {
  const identity = createIdentity()
  const log = createOwnLog(identity, invite.guild_id)
  const [target] = invite.peers
  if (target === undefined) throw new Error('The invite names no node')

  const host = await createHost({
    identitySeed: identity.seed,
    listen: [],
    announce: [],
    mdns: false,
    mayConnect: () => true,
    scoreOf: () => 0,
  })
  await host.start()
  await host.dial(target.peer_id, target.addresses, AbortSignal.timeout(PATIENCE_MS))

  const open = async (protocol: string): Promise<FrameChannel> =>
    createFrameChannel(await host.open(target.peer_id, protocol, AbortSignal.timeout(PATIENCE_MS)), FRAME_LIMITS)

  /** The node has one sync at a time with a peer; while it is about its own, it says so and we ask again. */
  async function sync(offer: Partial<GuildOffer>, texts: readonly string[]): Promise<GuildOffer | undefined> {
    const hello = helloWith([{ ...emptyOffer(invite.guild_id), ...offer }])
    const deadline = performance.now() + PATIENCE_MS
    while (performance.now() < deadline) {
      const answer = await runSync(await open(SYNC_PROTOCOL), hello, texts)
      if (answer !== 'busy') return answer
    }
    throw new Error('The node was busy all the time')
  }

  async function join(): Promise<void> {
    const proof = proofOf(identity, invite)
    await askToJoin(await open(JOIN_PROTOCOL), { identity, invite, proof })
    const offer = await sync({}, [])
    if (offer === undefined) throw new Error('The node does not offer the guild')
    log.rest(offer.law_heads, offer.tips)
    const { text, eventId } = log.add('member.join', invite.guild_id, { invite_id: invite.invite_id, proof })
    await sync({ tips: offer.tips }, [text])
    log.rest([eventId], offer.tips)
  }

  return {
    host,
    open,
    join,
    write: (channelId, text, at) => log.add('message', channelId, { content: text }, at),
    give: async (texts) => void (await sync({}, texts)),
    [Symbol.asyncDispose]: () => host.stop(),
  }
}

type Identity = ReturnType<typeof createIdentity>

function createIdentity() {
  const seed = randomBytes(32)
  const signer = createSigner(randomBytes(32))
  const self = peerIdOfPublicKey(publicKeyOfSeed(seed))
  return {
    seed,
    signer,
    self,
    author: { id: userIdSchema.parse(randomUUID()), username: 'mallory' },
    statement: createOwnStatement(seed, [{ publicKey: signer.publicKey, validFrom: 0 }]),
  }
}

/** What it has written, each event after the one before unless the test says otherwise. */
function createOwnLog({ self, signer, author, statement }: Identity, guildId: GuildId) {
  let lawHeads: readonly EventId[] = []
  let next: Place = { position: 1, prev: [], at: 0 }

  return {
    /** The law it knows, and the heads of others its first event stands on. */
    rest(heads: readonly EventId[], tips: readonly WireTip[]): void {
      lawHeads = heads
      if (next.position === 1) next = { ...next, prev: tips.map((tip) => tip.event_id) }
    },
    add(type: string, roomId: string, content: Record<string, unknown>, place: Partial<Place> = {}) {
      const { position, prev, at } = { ...next, at: Math.max(Date.now(), next.at), ...place }
      const ofGuild = roomId === guildId ? {} : { guild_id: guildId }
      const log = { position, ...ofGuild, ...(position === 1 ? { statement } : {}) }
      const body = {
        schema_version: 1 as const,
        origin_server: self,
        room_id: roomId,
        event_type: type,
        sender: author.id,
        origin_ts: at,
        content: { ...content, author, log },
        prev_events: prev.map((id) => eventIdSchema.parse(id)),
        auth_events: lawHeads,
      }
      const made = signEvent(body, signer)
      next = { position: position + 1, prev: [made.eventId], at: at + 1 }
      return made
    },
  }
}

const proofOf = ({ author, self }: Identity, { secret, guild_id: guildId }: Invite): string =>
  createJoinProof(fromBase64Url(secret), { guildId, userId: author.id, serverName: self })

interface JoinWish {
  identity: Identity
  invite: Invite
  proof: string
}

async function askToJoin(channel: FrameChannel, { identity, invite, proof }: JoinWish): Promise<void> {
  const { author } = identity
  await channel.write({
    type: 'join',
    guild_id: invite.guild_id,
    invite_id: invite.invite_id,
    user_id: author.id,
    username: author.username,
    proof,
  })
  await channel.read()
  await channel.close()
}

/** One sync begun by us; gives what the node offered. */
async function runSync(
  channel: FrameChannel,
  hello: Hello,
  texts: readonly string[],
): Promise<GuildOffer | 'busy' | undefined> {
  const guildId = hello.guilds[0]?.guild_id
  await channel.write(hello)
  const theirs = syncHeaderSchema.parse((await channel.read())?.header)
  if (theirs.type === 'busy') {
    await channel.close()
    return 'busy'
  }
  if (texts.length > 0) await channel.write({ type: 'events', guild_id: guildId }, texts)
  await channel.write({ type: 'done', guild_id: guildId, sent: texts.length })
  await untilDone(channel)
  await channel.write({ type: 'end', guilds: [] })
  await channel.close()
  return theirs.type === 'hello' ? theirs.guilds.find((guild) => guild.guild_id === guildId) : undefined
}

async function untilDone(channel: FrameChannel): Promise<void> {
  for (;;) {
    const frame = await channel.read()
    if (frame === undefined || syncHeaderSchema.parse(frame.header).type === 'done') return
  }
}

import { randomBytes, randomUUID } from 'node:crypto'
import { fromBase64Url, toBase64Url } from '../../node/base/bytes.ts'
import { type EventId, eventIdSchema, userIdSchema } from '../../node/base/ids.ts'
import { type BuiltEvent, signEvent } from '../../node/events/build.ts'
import type { Invite } from '../../node/events/invite-link.ts'
import { createJoinProof } from '../../node/events/join-proof.ts'
import { createKeyStatement } from '../../node/events/key-statement.ts'
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
} from '../../node/federation/wire.ts'

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
  const identitySeed = randomBytes(32)
  const signer = createSigner(randomBytes(32))
  const self = peerIdOfPublicKey(publicKeyOfSeed(identitySeed))
  const userId = userIdSchema.parse(randomUUID())
  const author = { id: userId, username: 'mallory' }
  const key = { key_id: signer.keyId, public_key: toBase64Url(signer.publicKey), valid_from: 0 }
  const statement = createKeyStatement({ peer_id: self, sequence: 1, keys: [key] }, identitySeed)
  const guildId = invite.guild_id
  const [target] = invite.peers
  if (target === undefined) throw new Error('The invite names no node')
  const { peer_id: peerId, addresses } = target

  const host = await createHost({
    identitySeed,
    listen: [],
    announce: [],
    mdns: false,
    mayConnect: () => true,
    scoreOf: () => 0,
  })
  await host.start()
  await host.dial(peerId, addresses, AbortSignal.timeout(PATIENCE_MS))

  let lawHeads: readonly EventId[] = []
  let heads: readonly EventId[] = []
  let own: { position: number; eventId: EventId; at: number } | undefined

  const open = async (protocol: string): Promise<FrameChannel> =>
    createFrameChannel(await host.open(peerId, protocol, AbortSignal.timeout(PATIENCE_MS)), FRAME_LIMITS)

  function sign(event_type: string, roomId: string, content: Record<string, unknown>, place: Partial<Place> = {}) {
    const { position = (own?.position ?? 0) + 1, at = Math.max(Date.now(), (own?.at ?? 0) + 1) } = place
    const { prev = own === undefined ? heads : [own.eventId] } = place
    const log = roomId === guildId ? { position } : { position, guild_id: guildId }
    const made = signEvent(
      {
        schema_version: 1,
        origin_server: self,
        room_id: roomId,
        event_type,
        sender: userId,
        origin_ts: at,
        content: { ...content, author, log },
        prev_events: prev.map((id) => eventIdSchema.parse(id)),
        auth_events: lawHeads,
      },
      signer,
    )
    own = { position, eventId: made.eventId, at }
    return made
  }

  async function askToJoin(): Promise<void> {
    const channel = await open(JOIN_PROTOCOL)
    await channel.write({
      type: 'join',
      guild_id: guildId,
      invite_id: invite.invite_id,
      user_id: userId,
      username: author.username,
      proof: proof(),
      statement,
    })
    await channel.read()
    await channel.close()
  }

  const proof = () => createJoinProof(fromBase64Url(invite.secret), { guildId, userId, serverName: self })

  const helloWith = (offer: Partial<GuildOffer>): Hello => ({
    type: 'hello',
    version: 1,
    statements: [statement],
    peers: [],
    guilds: [{ guild_id: guildId, state_hash: '', law_heads: [], tips: [], ...offer }],
  })

  /** One sync begun by us; gives what the node offered. */
  async function sync(hello: Hello, texts: readonly string[]): Promise<GuildOffer | undefined> {
    const channel = await open(SYNC_PROTOCOL)
    await channel.write(hello)
    const theirs = syncHeaderSchema.parse((await channel.read())?.header)
    if (texts.length > 0) await channel.write({ type: 'events', guild_id: guildId }, texts)
    await channel.write({ type: 'done', guild_id: guildId, sent: texts.length })
    await untilDone(channel)
    await channel.write({ type: 'end', guilds: [] })
    await channel.close()
    return theirs.type === 'hello' ? theirs.guilds.find((guild) => guild.guild_id === guildId) : undefined
  }

  async function join(): Promise<void> {
    await askToJoin()
    const offer = await sync(helloWith({}), [])
    if (offer === undefined) throw new Error('The node does not offer the guild')
    lawHeads = offer.law_heads
    heads = offer.tips.map((tip) => tip.event_id)
    const { text, eventId } = sign('member.join', guildId, { invite_id: invite.invite_id, proof: proof() })
    await sync(helloWith({ tips: offer.tips }), [text])
    lawHeads = [eventId]
  }

  return {
    host,
    open,
    join,
    write: (channelId, text, at) => sign('message', channelId, { content: text }, at),
    give: async (texts) => void (await sync(helloWith({}), texts)),
    [Symbol.asyncDispose]: () => host.stop(),
  }
}

async function untilDone(channel: FrameChannel): Promise<void> {
  for (;;) {
    const frame = await channel.read()
    if (frame === undefined || syncHeaderSchema.parse(frame.header).type === 'done') return
  }
}

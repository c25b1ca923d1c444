// Makes guild-events-v1.json: everything OpenGuild adds to the canonical event, once each, from fixed seeds. Run from the
// repository root after a deliberate change of the protocol only: npx node test/vectors/make-guild-events.ts
import { writeFileSync } from 'node:fs'
import { toBase64Url } from '../../node/base/bytes.ts'
import { guildIdSchema, inviteIdSchema, userIdSchema } from '../../node/base/ids.ts'
import { buildEvent } from '../../node/events/build.ts'
import { encodeInviteLink } from '../../node/events/invite-link.ts'
import { createJoinProof, invitePublicKey } from '../../node/events/join-proof.ts'
import { createKeyStatement } from '../../node/events/key-statement.ts'
import { publicKeyOfSeed } from '../../node/events/keys.ts'
import { peerIdOfPublicKey } from '../../node/events/peer-id.ts'
import { createSigner } from '../../node/events/sign.ts'
import { createdIdOf } from '../../node/events/wire-form.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const NOW = 1_760_000_000_000

function nodeOf(name: string, filler: number, userId: string) {
  const identity = new Uint8Array(32).fill(filler)
  const signing = new Uint8Array(32).fill(filler + 1)
  const signer = createSigner(signing)
  const peerId = peerIdOfPublicKey(publicKeyOfSeed(identity))
  const entry = { key_id: signer.keyId, public_key: toBase64Url(signer.publicKey), valid_from: NOW }
  const statement = createKeyStatement({ peer_id: peerId, sequence: 1, keys: [entry] }, identity)
  const author = { id: userIdSchema.parse(userId), username: name }
  return { identity, signing, signer, peerId, statement, author }
}

const alice = nodeOf('alice', 0x11, 'ec7c5138-ee1a-4112-95ef-e53514b670c2')
const bob = nodeOf('bob', 0x21, '0b0f3c1e-6a52-4b0e-9d39-0f8a4f3c2b11')
const secret = new Uint8Array(32).fill(0x31)
const byAlice = { origin_server: alice.peerId, sender: alice.author.id }
const byBob = { origin_server: bob.peerId, sender: bob.author.id }

const guild = buildEvent(
  {
    ...byAlice,
    event_type: 'guild.create',
    origin_ts: NOW,
    content: { log: { position: 1, statement: alice.statement }, nonce: '000102030405060708090a0b0c0d0e0f', name: 'Küche', author: alice.author },
  },
  alice.signer,
)
const guildId = guildIdSchema.parse(guild.event.room_id)
const channel = buildEvent(
  {
    ...byAlice,
    event_type: 'channel.create',
    room_id: guildId,
    origin_ts: NOW + 1,
    content: { log: { position: 2 }, name: 'general' },
    prev_events: [guild.eventId],
    auth_events: [guild.eventId],
  },
  alice.signer,
)
const invite = buildEvent(
  {
    ...byAlice,
    event_type: 'invite.create',
    room_id: guildId,
    origin_ts: NOW + 2,
    content: { log: { position: 3 }, public_key: invitePublicKey(secret), expires_at: NOW + 86_400_000, max_uses: 5 },
    prev_events: [channel.eventId],
    auth_events: [channel.eventId],
  },
  alice.signer,
)
const inviteId = inviteIdSchema.parse(createdIdOf(invite.event))
const joiner = { guildId, userId: bob.author.id, serverName: bob.peerId }
const proof = createJoinProof(secret, joiner)
const join = buildEvent(
  {
    ...byBob,
    event_type: 'member.join',
    room_id: guildId,
    origin_ts: NOW + 3,
    content: { log: { position: 1, statement: bob.statement }, author: bob.author, invite_id: inviteId, proof },
    prev_events: [invite.eventId],
    auth_events: [invite.eventId],
  },
  bob.signer,
)
const channelId = createdIdOf(channel.event)
const message = buildEvent(
  {
    ...byBob,
    event_type: 'message',
    room_id: channelId,
    origin_ts: NOW + 4,
    content: { log: { guild_id: guildId, position: 2 }, author: bob.author, content: 'Grüße aus der Küche 👩‍🍳' },
    prev_events: [join.eventId],
    auth_events: [join.eventId],
  },
  bob.signer,
)

const presentNode = ({ identity, signing, signer, peerId, statement }: typeof alice) => ({
  identity_seed_hex: hex(identity),
  peer_id: peerId,
  signing_seed_hex: hex(signing),
  key_id: signer.keyId,
  key_statement: statement,
})
const presentEvent = ({
  event,
  text,
  eventId,
  hash,
}: {
  event: object
  text: string
  eventId: string
  hash: Uint8Array
}) => ({
  event_type: 'event_type' in event ? event.event_type : '',
  event_id: eventId,
  blake3_hex: hex(hash),
  wire: text,
})

const vectors = {
  description: 'What OpenGuild adds to the canonical event. wire is text on purpose: it is exactly what travels.',
  nodes: { alice: presentNode(alice), bob: presentNode(bob) },
  events: [guild, channel, invite, join, message].map(presentEvent),
  created_ids: { guild_id: guildId, channel_id: channelId, invite_id: inviteId },
  invite: {
    secret_base64url: toBase64Url(secret),
    public_key_base64url: invitePublicKey(secret),
    join_proof_base64url: proof,
    link: encodeInviteLink({
      guild_id: guildId,
      guild_name: 'Küche',
      invite_id: inviteId,
      secret: toBase64Url(secret),
      peers: [{ peer_id: alice.peerId, addresses: ['/ip4/192.168.1.5/tcp/4001'] }],
      expires_at: NOW + 86_400_000,
    }),
  },
}
writeFileSync(new URL('guild-events-v1.json', import.meta.url), `${JSON.stringify(vectors, undefined, 2)}\n`)

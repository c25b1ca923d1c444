import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { fromBase64Url } from '../../../node/base/bytes.ts'
import { guildIdSchema, serverNameSchema, userIdSchema } from '../../../node/base/ids.ts'
import { signEvent } from '../../../node/events/build.ts'
import { checkGuildEvent } from '../../../node/events/check-guild-event.ts'
import { encodeInviteLink, parseInviteLink } from '../../../node/events/invite-link.ts'
import { createJoinProof, invitePublicKey, isJoinProof } from '../../../node/events/join-proof.ts'
import { createKeyStatement, parseKeyStatement } from '../../../node/events/key-statement.ts'
import { publicKeyOfSeed } from '../../../node/events/keys.ts'
import { peerIdOfPublicKey } from '../../../node/events/peer-id.ts'
import { createSigner } from '../../../node/events/sign.ts'
import { verifySignature } from '../../../node/events/verify.ts'
import { createdIdOf } from '../../../node/events/wire-form.ts'
import { parsedOf } from './sample.ts'

const nodeSchema = z.object({
  identity_seed_hex: z.string(),
  peer_id: serverNameSchema,
  signing_seed_hex: z.string(),
  key_id: z.string(),
  key_statement: z.unknown(),
})
const vectorsSchema = z.object({
  nodes: z.object({ alice: nodeSchema, bob: nodeSchema }),
  events: z.array(z.object({ event_type: z.string(), event_id: z.string(), blake3_hex: z.string(), wire: z.string() })),
  created_ids: z.object({ guild_id: guildIdSchema, channel_id: z.string(), invite_id: z.string() }),
  invite: z.object({
    secret_base64url: z.string(),
    public_key_base64url: z.string(),
    join_proof_base64url: z.string(),
    link: z.string(),
  }),
})
const file = new URL('../../vectors/guild-events-v1.json', import.meta.url)
const { nodes, events, created_ids, invite } = vectorsSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))

function statementOf(value: unknown) {
  const outcome = parseKeyStatement(value)
  if (outcome.kind === 'refused') throw new Error(outcome.message)
  return outcome.statement
}

describe.each(Object.entries(nodes))('the node of %s', (_name, node) => {
  it('is named after its identity key', () => {
    expect(peerIdOfPublicKey(publicKeyOfSeed(bytes(node.identity_seed_hex)))).toBe(node.peer_id)
    expect(createSigner(bytes(node.signing_seed_hex)).keyId).toBe(node.key_id)
  })

  it('has the key statement its identity signs', () => {
    const { signature: _, ...draft } = statementOf(node.key_statement)

    expect(createKeyStatement(draft, bytes(node.identity_seed_hex))).toEqual(node.key_statement)
  })
})

describe.each(events)('the event $event_type', ({ event_id, blake3_hex, wire }) => {
  const parsed = parsedOf(wire)

  it('is well formed, with the given id and a signature by the key of its origin', () => {
    const verdict = checkGuildEvent(parsed)
    if (verdict.kind === 'rejected') throw new Error(verdict.message)
    const node = parsed.event.origin_server === nodes.alice.peer_id ? nodes.alice : nodes.bob

    expect([parsed.eventId, Buffer.from(parsed.hash).toString('hex')]).toEqual([event_id, blake3_hex])
    expect(verdict.guildId).toBe(created_ids.guild_id)
    expect(verdict.keyId).toBe(node.key_id)
    expect(verifySignature(verdict.publicKey, parsed.hash, verdict.signature)).toBe(true)
  })

  it('is made again, byte for byte, from its fields and the key of its origin', () => {
    const node = parsed.event.origin_server === nodes.alice.peer_id ? nodes.alice : nodes.bob

    expect(signEvent(parsed.event, createSigner(bytes(node.signing_seed_hex))).text).toBe(wire)
  })
})

it('guild, channel and invite have the ids that their creating events give', () => {
  const createdBy = (type: string): string => createdIdOf(parsedOf(wireOf(type)).event)

  expect(createdBy('guild.create')).toBe(created_ids.guild_id)
  expect(createdBy('channel.create')).toBe(created_ids.channel_id)
  expect(createdBy('invite.create')).toBe(created_ids.invite_id)
})

it('the invite lets Bob in and the link says the same', () => {
  const secret = fromBase64Url(invite.secret_base64url)
  const join = parsedOf(wireOf('member.join')).event
  const joiner = {
    guildId: created_ids.guild_id,
    userId: userIdSchema.parse(join.sender),
    serverName: nodes.bob.peer_id,
  }
  const link = parseInviteLink(invite.link)

  expect(invitePublicKey(secret)).toBe(invite.public_key_base64url)
  expect(createJoinProof(secret, joiner)).toBe(invite.join_proof_base64url)
  expect(isJoinProof(invite.join_proof_base64url, invite.public_key_base64url, joiner)).toBe(true)
  expect(link).toMatchObject({
    invite: {
      guild_id: created_ids.guild_id,
      invite_id: created_ids.invite_id,
      secret: invite.secret_base64url,
    },
  })
  expect(link.kind === 'invite' && encodeInviteLink(link.invite)).toBe(invite.link)
})

function wireOf(type: string): string {
  return events.find((event) => event.event_type === type)?.wire ?? ''
}

import { describe, expect, it } from 'vitest'
import { fromBase64Url } from '../../../node/base/bytes.ts'
import { userIdSchema } from '../../../node/base/ids.ts'
import { silentLogger } from '../../../node/base/log.ts'
import { canonicalJson } from '../../../node/events/canonical.ts'
import { checkGuildEvent } from '../../../node/events/check-guild-event.ts'
import { blake3 } from '../../../node/events/id.ts'
import { parseInviteLink } from '../../../node/events/invite-link.ts'
import { createJoinProof, isJoinProof } from '../../../node/events/join-proof.ts'
import { publicKeyOfSeed } from '../../../node/events/keys.ts'
import { peerIdOfPublicKey } from '../../../node/events/peer-id.ts'
import { isLawEvent, type LawEvent } from '../../../node/events/schema/event.ts'
import { createSigner } from '../../../node/events/sign.ts'
import { createLaw } from '../../../node/events/state/law.ts'
import { stateJson } from '../../../node/events/state/state-hash.ts'
import { verifySignature } from '../../../node/events/verify.ts'
import { createdIdOf } from '../../../node/events/wire-form.ts'
import { createTimeline } from '../../../node/services/timeline/index.ts'
import { createVerifier } from '../../../node/services/timeline/verifier.ts'
import { openTestDatabase } from '../../kit/database.ts'
import { parsedOf } from '../events/sample.ts'
import { readSource, sample, valueOf } from './protocol-document.ts'
import { ALICE, BOB, filled, GUILD_ID, hex, TYPES, wireOf } from './protocol-guild.ts'

// docs/PROTOCOL.md against the code: the guild of its samples is what the code makes of it.

describe('the sample nodes', () => {
  it('are named after their keys', () => {
    for (const { seed, statement } of [ALICE, BOB]) {
      expect(peerIdOfPublicKey(publicKeyOfSeed(filled(seed)))).toBe(statement.peer_id)
      expect(createSigner(filled(seed + 1)).keyId).toBe(statement.keys[0]?.key_id)
    }
  })

  it('have statements whose signature covers what is shown', () => {
    const { signature, ...signed } = ALICE.statement

    expect(sample('statement-alice-signed')).toBe(`openguild key statement v1\n${canonicalJson(signed)}`)
    const hash = blake3(sample('statement-alice-signed'))
    expect(readSource('docs/PROTOCOL.md')).toContain(`(its BLAKE3 is \`${hex(hash)}\`)`)
    expect(verifySignature(publicKeyOfSeed(filled(0x11)), hash, fromBase64Url(signature))).toBe(true)
  })

  it('state their keys in the first event of their logs', () => {
    for (const [type, { statement }] of [
      ['guild.create', ALICE],
      ['member.join', BOB],
    ] as const) {
      expect(parsedOf(wireOf(type)).event.content).toMatchObject({ log: { position: 1, statement } })
    }
  })
})

describe.each(TYPES)('the sample %s', (type) => {
  const wire = wireOf(type)
  const parsed = parsedOf(wire)

  it('has the given hash and id', () => {
    expect(hex(parsed.hash)).toBe(valueOf(`sample-${type}`, 'BLAKE3'))
    expect(hex(blake3(sample(`canonical-${type}`)))).toBe(valueOf(`sample-${type}`, 'BLAKE3'))
    expect(parsed.eventId).toBe(valueOf(`sample-${type}`, 'event id'))
  })

  it('is well formed and signed by the key its node states', () => {
    const verdict = checkGuildEvent(parsed)
    if (verdict.kind === 'rejected') throw new Error(verdict.message)
    const author = [ALICE, BOB].find(({ statement }) => statement.peer_id === verdict.event.origin_server)

    expect(verifySignature(verdict.publicKey, parsed.hash, verdict.signature)).toBe(true)
    expect(author?.statement.keys.map((key) => key.key_id)).toEqual([verdict.keyId])
    expect(verdict.guildId).toBe(GUILD_ID)
  })

  it('is the one of the vectors', () => {
    expect(readSource('test/vectors/guild-events-v1.json')).toContain(JSON.stringify(wire))
  })
})

describe('the sample guild', () => {
  it('shows guild.create in wire form', () => {
    expect(sample('wire-guild.create')).toBe(wireOf('guild.create'))
  })

  it('gives guild, channel and invite the created ids', () => {
    for (const [type, label] of [
      ['guild.create', 'guild id'],
      ['channel.create', 'channel id'],
      ['invite.create', 'invite id'],
    ] as const) {
      expect(createdIdOf(parsedOf(wireOf(type)).event)).toBe(valueOf(`sample-${type}`, label))
    }
  })

  it('has the law state that is shown', () => {
    const law = createLaw(GUILD_ID)
    for (const event of lawEvents()) law.add(event)
    const { state, hash } = law.current()

    expect(state && stateJson(state)).toBe(sample('state'))
    expect(hash).toBe(valueOf('sample-state', 'state hash'))
    expect(law.heads()).toEqual([valueOf('sample-state', 'law heads')])
  })

  it('is placed event by event by a node that knows nothing else', async () => {
    await using database = await openTestDatabase()
    const verifier = createVerifier({ threads: 1 })
    const { timeline } = createTimeline({
      db: database.db,
      clock: { now: () => 1_760_000_100_000 },
      log: silentLogger,
      verifier,
      origin: BOB.statement.peer_id,
      signer: createSigner(filled(0x22)),
      statement: BOB.statement,
      limits: { waitingPerGuild: 10, waitingPerPeer: 10 },
      newNonce: () => '',
    })
    timeline.expect(GUILD_ID)

    const outcomes: string[] = []
    for (const type of TYPES) {
      const received = await timeline.receive(GUILD_ID, [wireOf(type)], ALICE.statement.peer_id)
      outcomes.push(...received.map((outcome) => outcome.kind))
    }
    await verifier.close()

    expect(outcomes).toEqual(TYPES.map(() => 'accepted'))
    expect(timeline.findGuild(GUILD_ID)?.stateHash).toBe(valueOf('sample-state', 'state hash'))
  })

  it('lets Bob in by a link that says what is shown', () => {
    const outcome = parseInviteLink(sample('link'))
    if (outcome.kind === 'refused') throw new Error(outcome.message)
    const { invite } = outcome
    const join = parsedOf(wireOf('member.join')).event
    const joiner = { guildId: GUILD_ID, userId: userIdSchema.parse(join.sender), serverName: BOB.statement.peer_id }
    const proof = createJoinProof(fromBase64Url(invite.secret), joiner)
    const publicKey = publicKeyOfSeed(fromBase64Url(invite.secret))

    expect(join.content).toMatchObject({ invite_id: invite.invite_id, proof })
    expect(isJoinProof(proof, Buffer.from(publicKey).toString('base64url'), joiner)).toBe(true)
    expect(verifySignature(publicKey, blake3(sample('join-proof')), fromBase64Url(proof))).toBe(true)
    expect(Buffer.from(sample('link').split('/').at(-1) ?? '', 'base64url').toString()).toBe(sample('link-payload'))
  })
})

function lawEvents(): LawEvent[] {
  return TYPES.map((type) => checkGuildEvent(parsedOf(wireOf(type)))).flatMap((verdict) =>
    verdict.kind === 'well-formed' && isLawEvent(verdict.event) ? [verdict.event] : [],
  )
}

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { signEvent } from '../../../node/events/build.ts'
import { checkGuildEvent } from '../../../node/events/check-guild-event.ts'
import { parseEvent } from '../../../node/events/parse.ts'
import type { Signatures } from '../../../node/events/schema/event.ts'
import { createSigner } from '../../../node/events/sign.ts'
import { verifySignature } from '../../../node/events/verify.ts'
import { type EventBody, frameOf, wireText } from '../../../node/events/wire-form.ts'
import { canonicalJson } from '../../../node/events/canonical.ts'
import {
  ALICE,
  CHANNEL,
  GUILD,
  GUILD_ID,
  messageBody,
  ORIGIN,
  OTHER_ORIGIN,
  parsedOf,
  seedOf,
  signedMessage,
  SIGNER,
  STATEMENT,
} from './sample.ts'

function codeOf(text: string): string {
  const verdict = checkGuildEvent(parsedOf(text))
  return verdict.kind === 'rejected' ? verdict.code : verdict.kind
}

const codeFor = (changes: Partial<EventBody>): string => codeOf(signedMessage(changes).text)

const content = messageBody().content as Record<string, unknown>
const log = { position: 2, guild_id: GUILD_ID }

/** A guild.update in place of the message. */
const lawBody = (changes: Partial<EventBody> = {}): Partial<EventBody> => ({
  event_type: 'guild.update',
  room_id: GUILD_ID,
  content: { log: { position: 2 }, name: 'Attic' },
  ...changes,
})

/** The good message with these signatures; they are no part of its id. */
function withSignatures(signatures: Signatures): string {
  const { event, eventId } = signedMessage()
  return wireText(frameOf(event, canonicalJson(event.content), String(event.origin_ts)), eventId, signatures)
}

describe('checkGuildEvent', () => {
  it('takes a message, a law event and an event of a type from the future', () => {
    expect(codeFor({})).toBe('well-formed')
    expect(codeFor(lawBody())).toBe('well-formed')
    expect(codeFor({ event_type: 'mls.commit', content: { log, anything: [1] } })).toBe('well-formed')
    expect(codeFor({ event_type: 'voice.start', room_id: GUILD_ID, content: { log: { position: 3 } } })).toBe(
      'well-formed',
    )
  })

  it('takes content with members that a later version added', () => {
    expect(codeFor({ content: { ...content, later: { deep: [1, null] } } })).toBe('well-formed')
  })

  it('refuses any other spelling of a good event', () => {
    const { text } = signedMessage()
    expect(codeOf(` ${text}`)).toBe('not_wire_form')
    expect(codeOf(text.replace('ö', '\\u00f6'))).toBe('not_wire_form')
    expect(codeOf(text.replace('{', '{"extra":1,'))).toBe('not_wire_form')
    expect(codeOf(text.replace(',"schema_version":1', ''))).toBe('well-formed')
    expect(codeOf(text.replace('"schema_version":1,', ''))).toBe('not_wire_form')
  })

  it('refuses numbers that a double could have changed', () => {
    const { text } = signedMessage({ content: { ...content, n: 7 } })
    for (const token of ['7.5', '7.0', '9007199254740992', '-0.0', '1e16']) {
      expect(codeOf(text.replace('"n":7', `"n":${token}`)), token).toBe('unsafe_number')
    }
  })

  it('refuses an id that is not its own', () => {
    const { text, eventId } = signedMessage()
    expect(codeOf(text.replace(eventId, GUILD.eventId))).toBe('event_id_mismatch')
    expect(codeOf(text.replace('alice', 'mallory'))).toBe('event_id_mismatch')
  })

  const ids = Array.from({ length: 21 }, (_, index) => signedMessage({ origin_ts: index }).eventId)

  it.each<[string, string, Partial<EventBody>]>([
    ['a later schema version', 'schema_version', { schema_version: 2 }],
    ['a domain as origin', 'origin_not_peer_id', { origin_server: 'alpha.example.org' }],
    ['a type with a space', 'event_type', { event_type: 'a b' }],
    ['an empty type', 'event_type', { event_type: '' }],
    ['a sender that is no user id', 'sender', { sender: 'alice' }],
    ['a sender in capitals', 'sender', { sender: ALICE.toUpperCase() }],
    ['a room that is no UUID', 'room_id', { room_id: 'room' }],
    ['a time before 1970', 'origin_ts', { origin_ts: -1 }],
    ['21 links to other events', 'links', { prev_events: ids }],
    ['21 links to the law', 'links', { auth_events: ids }],
    ['a link given twice', 'links', { prev_events: [GUILD.eventId, GUILD.eventId] }],
    ['a link that is no event id', 'links', { auth_events: ['$0OIl'] }],
    ['no link to the law', 'links', { auth_events: [] }],
    ['no link to its own predecessor', 'links', { prev_events: [] }],
    ['the guild as its channel', 'room_id', { room_id: GUILD_ID }],
    ['an author who is not the sender', 'author_mismatch', { sender: CHANNEL }],
    ['a law event that names another guild', 'log', lawBody({ content: { log: { position: 2, guild_id: CHANNEL } } })],
    ['no log', 'content', { event_type: 'mls.commit', content: {} }],
    ['null as content', 'content', { content: null }],
    ['position 0', 'content', { content: { ...content, log: { ...log, position: 0 } } }],
    ['a message outside any guild', 'content', { content: { ...content, log: { position: 2 } } }],
    ['an empty message', 'content', { content: { ...content, content: '' } }],
    ['a message of 4 001 characters', 'content', { content: { ...content, content: '😀'.repeat(4_001) } }],
  ])('refuses %s', (_what, code, changes) => {
    expect(codeFor(changes)).toBe(code)
  })

  it('takes 20 links, and a first event with none to events of others', () => {
    expect(codeFor({ prev_events: ids.slice(1), auth_events: ids.slice(1) })).toBe('well-formed')
    const first = { ...log, position: 1, statement: STATEMENT }
    expect(codeFor({ prev_events: [], content: { ...content, log: first } })).toBe('well-formed')
    expect(codeFor({ content: { ...content, content: '😀'.repeat(4_000) } })).toBe('well-formed')
  })

  it('refuses an author that is nobody, also where the type has none', () => {
    for (const author of [null, 7, 'alice', {}, { id: null }, []]) {
      expect(codeFor(lawBody({ event_type: 'member.leave', content: { log: { position: 2 }, author } }))).toBe(
        'author_mismatch',
      )
    }
  })

  it('refuses a guild under an id that its creation does not give', () => {
    expect(codeOf(signEvent({ ...GUILD.event, room_id: CHANNEL }, SIGNER).text)).toBe('guild_id_mismatch')
    expect(codeOf(signEvent({ ...GUILD.event, auth_events: [GUILD.eventId] }, SIGNER).text)).toBe('log')
  })

  it.each<[string, unknown]>([
    ['guild.create', { log: { position: 1 }, nonce: 'XY', name: 'a', author: { id: ALICE, username: 'a' } }],
    ['guild.update', { log: { position: 2 }, name: ' a' }],
    ['channel.create', { log: { position: 2 } }],
    ['channel.update', { log: { position: 2 }, channel_id: 'x', name: 'a' }],
    ['channel.delete', { log: { position: 2 } }],
    ['role.put', { log: { position: 2 }, role_id: 'Mod', name: 'Mod', position: 1, permissions: 1 }],
    ['role.put', { log: { position: 2 }, role_id: 'mod', name: 'Mod', position: 1, permissions: 2 ** 31 }],
    ['role.delete', { log: { position: 2 }, role_id: '' }],
    ['member.join', { log: { position: 2 }, author: { id: ALICE, username: 'a' }, invite_id: CHANNEL }],
    ['member.leave', {}],
    ['member.invite', { log: { position: 2 }, target: { user_id: ALICE } }],
    ['member.kick', { log: { position: 2 }, target: { user_id: ALICE, server_name: ORIGIN }, reason: '' }],
    ['member.ban', { log: { position: 2 }, target: { user_id: ALICE, server_name: ORIGIN }, expires_at: 'soon' }],
    ['member.unban', { log: { position: 2 }, target: ALICE }],
    ['member.roles', { log: { position: 2 }, target: { user_id: ALICE, server_name: ORIGIN } }],
    ['invite.create', { log: { position: 2 }, public_key: 'AAAA' }],
    ['invite.create', { log: { position: 2 }, public_key: 'A'.repeat(43), max_uses: 0 }],
    ['invite.revoke', { log: { position: 2 } }],
    ['node.keys', { log: { position: 2 }, statement: {} }],
  ])('refuses a %s whose content is not of its shape', (type, wrong) => {
    expect(codeFor(lawBody({ event_type: type, content: wrong }))).toBe('content')
  })

  it('wants exactly one signature, by a key of the origin', () => {
    const signature = Object.values(signedMessage().event.signatures[ORIGIN] ?? {}).join()
    const name = `ed25519:${SIGNER.keyId}`

    expect(codeOf(withSignatures({ [ORIGIN]: { [name]: signature } }))).toBe('well-formed')
    expect(codeOf(withSignatures({}))).toBe('signature_missing')
    expect(codeOf(withSignatures({ [ORIGIN]: {} }))).toBe('signature_missing')
    expect(codeOf(withSignatures({ [OTHER_ORIGIN]: { [name]: signature } }))).toBe('signature_missing')
    expect(codeOf(withSignatures({ [ORIGIN]: { [SIGNER.keyId]: signature } }))).toBe('signature_missing')
    expect(codeOf(withSignatures({ [ORIGIN]: { 'ed25519:1': signature } }))).toBe('signature_missing')
    expect(codeOf(withSignatures({ [ORIGIN]: { [name]: signature, 'ed25519:x': '' } }))).toBe('signature_missing')
    expect(codeOf(withSignatures({ [ORIGIN]: { [name]: signature }, x: {} }))).toBe('signature_missing')
  })

  it('wants the signature in padded standard base64', () => {
    const signature = Object.values(signedMessage().event.signatures[ORIGIN] ?? {}).join()
    const urlSafe = signature.replaceAll('+', '-').replaceAll('/', '_')
    const strayBits = `${signature.slice(0, 85)}${signature.at(85) === 'B' ? 'C' : 'B'}==`

    for (const text of [signature.slice(0, -2), urlSafe, `${signature}\n`, '', 'AAAA', strayBits]) {
      expect(codeOf(withSignatures({ [ORIGIN]: { [`ed25519:${SIGNER.keyId}`]: text } })), text).toBe(
        'signature_encoding',
      )
    }
  })

  it('refuses, together with the signature, an event with any single bit of its text flipped', () => {
    const { text } = signedMessage()
    const bytes = Buffer.from(text)

    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const flipped = Buffer.from(bytes)
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))

        expect(isGenuine(decodeUtf8(flipped))).toBe(false)
      }),
      { numRuns: 1_000 },
    )
    expect(isGenuine(text)).toBe(true)
  })

  it('can not be made to accept an event under the key id of another key', () => {
    const other = createSigner(seedOf(9), SIGNER.keyId)

    expect(isGenuine(signEvent(messageBody(), other).text)).toBe(false)
  })
})

/** What a receiver does with bytes before any state is asked. */
function isGenuine(text: string | undefined): boolean {
  const parsed = text === undefined ? undefined : parseEvent(text)
  if (parsed?.kind !== 'parsed') return false
  const verdict = checkGuildEvent(parsed)
  return verdict.kind === 'well-formed' && verifySignature(verdict.publicKey, parsed.hash, verdict.signature)
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

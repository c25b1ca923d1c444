import { type BuiltEvent, buildEvent, signEvent } from '../../../node/events/build.ts'
import { createOwnStatement } from '../../../node/events/key-statement.ts'
import { publicKeyOfSeed } from '../../../node/events/keys.ts'
import { parseEvent, type ParsedEvent } from '../../../node/events/parse.ts'
import { peerIdOfPublicKey } from '../../../node/events/peer-id.ts'
import type { LawEventOf, WireEvent } from '../../../node/events/schema/event.ts'
import { createSigner } from '../../../node/events/sign.ts'
import type { EventBody } from '../../../node/events/wire-form.ts'
import { channelIdSchema, userIdSchema } from '../../../node/base/ids.ts'

export const seedOf = (filler: number): Uint8Array => new Uint8Array(32).fill(filler)

export const IDENTITY_SEED = seedOf(1)
export const SIGNER = createSigner(seedOf(2))
export const ORIGIN = peerIdOfPublicKey(publicKeyOfSeed(IDENTITY_SEED))
/** What the log of the origin begins with. */
export const STATEMENT = createOwnStatement(IDENTITY_SEED, [
  { publicKey: SIGNER.publicKey, validFrom: 1_760_000_000_000 },
])
export const OTHER_ORIGIN = peerIdOfPublicKey(publicKeyOfSeed(seedOf(3)))
export const ALICE = userIdSchema.parse('ec7c5138-ee1a-4112-95ef-e53514b670c2')
export const CHANNEL = channelIdSchema.parse('3b7f3e93-7c9c-47f5-91d3-cbf09dc5a8f6')

export const createGuild = (name = 'Kitchen'): BuiltEvent<LawEventOf<'guild.create'>> =>
  buildEvent(
    {
      event_type: 'guild.create',
      origin_server: ORIGIN,
      sender: ALICE,
      origin_ts: 1_760_000_000_000,
      content: {
        log: { position: 1, statement: STATEMENT },
        nonce: '0f'.repeat(16),
        name,
        author: { id: ALICE, username: 'alice' },
      },
    },
    SIGNER,
  )

export const GUILD = createGuild()
export const GUILD_ID = GUILD.event.room_id

/** The body of a good message in Alice's guild, with parts replaced. */
export function messageBody(changes: Partial<EventBody> = {}): EventBody {
  return {
    schema_version: 1,
    origin_server: ORIGIN,
    room_id: CHANNEL,
    event_type: 'message',
    sender: ALICE,
    origin_ts: 1_760_000_000_001,
    content: {
      log: { position: 2, guild_id: GUILD_ID },
      author: { id: ALICE, username: 'alice' },
      content: 'Hello, Wörld! 👩‍🚀',
    },
    prev_events: [GUILD.eventId],
    auth_events: [GUILD.eventId],
    ...changes,
  }
}

export const signedMessage = (changes: Partial<EventBody> = {}): BuiltEvent<WireEvent> =>
  signEvent(messageBody(changes), SIGNER)

export function parsedOf(text: string): ParsedEvent {
  const outcome = parseEvent(text)
  if (outcome.kind === 'malformed') throw new Error(`${outcome.reason}: ${outcome.message}`)
  return outcome
}

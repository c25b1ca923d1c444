import { canonicalJson } from './canonical.ts'
import { blake3, uuidOfHash } from './id.ts'
import type { Signatures, WireEvent } from './schema/event.ts'

/** Everything of an event that its hash covers. */
export type EventBody = Omit<WireEvent, 'event_id' | 'signatures'>

/**
 * The text of an event around its two blanked fields: `before` ends where the value of `event_id` begins, `between` where the
 * value of `signatures` begins (contract 5.2, field order of 5.1).
 */
export interface Frame {
  readonly before: string
  readonly between: string
}

/** `content` and `originTs` are canonical texts: only they may hold numbers that a double can not carry. */
export function frameOf(body: EventBody, content: string, originTs: string): Frame {
  return {
    before: `{"schema_version":${body.schema_version},"event_id":`,
    between:
      `,"origin_server":${JSON.stringify(body.origin_server)},"room_id":${JSON.stringify(body.room_id)}` +
      `,"event_type":${JSON.stringify(body.event_type)},"sender":${JSON.stringify(body.sender)},"origin_ts":${originTs}` +
      `,"content":${content},"prev_events":${JSON.stringify(body.prev_events)}` +
      `,"auth_events":${JSON.stringify(body.auth_events)},"signatures":`,
  }
}

/** What is hashed: both fields blanked, not removed. */
export const canonicalText = ({ before, between }: Frame): string => `${before}""${between}{}}`

/** What travels between nodes and is stored: the canonical text with id and signatures filled in, without a raw newline. */
export const wireText = ({ before, between }: Frame, eventId: string, signatures: Signatures): string =>
  `${before}${JSON.stringify(eventId)}${between}${canonicalJson(signatures)}}`

/**
 * The canonical bytes of an event whose numbers are all safe integers, as text. Throws on others: their bytes depend on
 * the received text, so use `parseEvent`.
 */
export const canonicalEvent = (body: EventBody): string =>
  canonicalText(frameOf(body, canonicalJson(body.content), String(body.origin_ts)))

/** BLAKE3 of the canonical bytes. Same limits as `canonicalEvent`. */
export const hashEvent = (body: EventBody): Uint8Array => blake3(canonicalEvent(body))

/**
 * The id an event gives to what it creates: the guild of `guild.create`, the channel of `channel.create`, the invite of
 * `invite.create`. A UUIDv8 of the event with `room_id` blanked, so that `guild.create` can name its own room.
 */
export const createdIdOf = (body: EventBody): ReturnType<typeof uuidOfHash> =>
  uuidOfHash(hashEvent({ ...body, room_id: '' }))

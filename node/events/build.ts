import type { EventId, ServerName, UserId } from '../base/ids.ts'
import { canonicalJson } from './canonical.ts'
import { blake3, eventIdOfHash } from './id.ts'
import { MAX_EVENT_BYTES } from './parse.ts'
import { LAW_CONTENT, type LawContent, TIMELINE_CONTENT, type TimelineContent } from './schema/content.ts'
import {
  isLawType,
  type LawEvent,
  type LawEventType,
  type TimelineEvent,
  type TimelineEventType,
  type WireEvent,
} from './schema/event.ts'
import type { Signer } from './sign.ts'
import { signaturesBy } from './signature-field.ts'
import { canonicalText, createdIdOf, type EventBody, frameOf, wireText } from './wire-form.ts'

type BuildableType = LawEventType | TimelineEventType
type ContentOf<Type extends BuildableType> = (LawContent & TimelineContent)[Type]

/** An event of ours before it is signed. */
export interface EventDraft<Type extends BuildableType> {
  readonly event_type: Type
  readonly origin_server: ServerName
  /** Guild id for law events, channel id for timeline events; ignored for `guild.create`, which makes its own. */
  readonly room_id?: string
  readonly sender: UserId
  readonly origin_ts: number
  readonly content: ContentOf<Type>
  readonly prev_events?: readonly EventId[]
  readonly auth_events?: readonly EventId[]
}

export interface BuiltEvent<Event extends WireEvent> {
  readonly event: Event
  /** The wire form: what is stored and sent. */
  readonly text: string
  readonly eventId: EventId
  readonly hash: Uint8Array
}

type EventOfType<Type extends BuildableType> = Extract<LawEvent | TimelineEvent, { event_type: Type }>

/**
 * Makes and signs an event of our own; synchronous, so it fits into the transaction that read the heads. Throws a `TypeError`
 * when content has not the shape of its type and a `RangeError` when the event is larger than the protocol allows: we never
 * give out what every other node would refuse.
 */
export function buildEvent<Type extends BuildableType>(
  draft: EventDraft<Type>,
  signer: Signer,
): BuiltEvent<EventOfType<Type>> {
  assertContent(draft.event_type, draft.content)
  const body: EventBody = {
    schema_version: 1,
    origin_server: draft.origin_server,
    room_id: draft.room_id ?? '',
    event_type: draft.event_type,
    sender: draft.sender,
    origin_ts: draft.origin_ts,
    content: draft.content,
    prev_events: draft.prev_events ?? [],
    auth_events: draft.auth_events ?? [],
  }
  const placed = draft.event_type === 'guild.create' ? { ...body, room_id: createdIdOf(body) } : body
  const built = signEvent(placed, signer) as BuiltEvent<EventOfType<Type>>
  if (Buffer.byteLength(built.text) <= MAX_EVENT_BYTES) return built
  throw new RangeError(`an event has at most ${MAX_EVENT_BYTES} bytes`)
}

/** Signs any event as it is, also one that no guild would take; `buildEvent` is the way for ours. */
export function signEvent(body: EventBody, signer: Signer): BuiltEvent<WireEvent> {
  assertWellFormed(body)
  const frame = frameOf(body, canonicalJson(body.content), canonicalJson(body.origin_ts))
  const hash = blake3(canonicalText(frame))
  const eventId = eventIdOfHash(hash)
  const text = wireText(frame, eventId, signaturesBy(body.origin_server, signer.keyId, signer.sign(hash)))
  // Read back from the text, so that we see exactly what everybody else will see.
  return { event: JSON.parse(text) as WireEvent, text, eventId, hash }
}

function assertContent(type: BuildableType, content: unknown): void {
  const schema = isLawType(type) ? LAW_CONTENT[type] : TIMELINE_CONTENT[type]
  const result = schema.safeParse(content)
  if (!result.success) throw new TypeError(`content of ${type} has not its shape`, { cause: result.error })
}

/** JSON.stringify would write a lone surrogate as an escape that every reader refuses. */
function assertWellFormed(body: EventBody): void {
  const names = [
    body.origin_server,
    body.room_id,
    body.event_type,
    body.sender,
    ...body.prev_events,
    ...body.auth_events,
  ]
  if (!names.every((name) => name.isWellFormed())) throw new TypeError('an event can not hold lone surrogates')
}

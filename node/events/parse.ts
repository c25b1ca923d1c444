import type { EventId } from '../base/ids.ts'
import { canonicalNode, tryCanonicalJson, valueOfNode } from './canonical.ts'
import { blake3, eventIdOfHash } from './id.ts'
import { readEnvelope, type EnvelopeFault } from './parse-envelope.ts'
import { type JsonFault, JsonReadError, readJson } from './json.ts'
import type { Signatures, WireEvent } from './schema/event.ts'
import { canonicalText, type Frame, frameOf, wireText } from './wire-form.ts'

export const MAX_EVENT_BYTES = 64 * 1024

/** A canonical event v1 that decodes. Nothing is said about its id being right, its signature or its meaning. */
export interface ParsedEvent {
  readonly kind: 'parsed'
  readonly event: WireEvent
  /** As received. */
  readonly text: string
  /** BLAKE3 of the canonical bytes. */
  readonly hash: Uint8Array
  /** The id the event should have; `event.event_id` is the one it claims. */
  readonly eventId: EventId
  /** The text is the wire form: no other spelling, no unknown fields, nothing left to defaults. */
  readonly exact: boolean
  /** Every number is a safe integer, so `event` holds exactly what was signed. */
  readonly lossless: boolean
}

export type MalformedReason = 'too_large' | JsonFault | EnvelopeFault

export interface MalformedEvent {
  readonly kind: 'malformed'
  readonly reason: MalformedReason
  readonly message: string
}

export type ParseOutcome = ParsedEvent | MalformedEvent

export interface ParseOptions {
  /** Of UTF-8. */
  readonly maxBytes?: number
}

/**
 * Reads an event as the original does (contract 5.1 to 5.4).
 * 1. The fast path serialises what `JSON.parse` gave; if that is the received text again, nothing was lost in between.
 * 2. Everything else is decided by the reader that keeps tokens. Both always agree.
 */
export function parseEvent(text: string, options: ParseOptions = {}): ParseOutcome {
  const maxBytes = options.maxBytes ?? MAX_EVENT_BYTES
  if (Buffer.byteLength(text) > maxBytes) return malformed('too_large', `an event has at most ${maxBytes} bytes`)
  return parseFast(text) ?? parseKeepingTokens(text)
}

/** Step 1. Undefined means only that this path can not tell. */
export function parseFast(text: string): ParsedEvent | undefined {
  // JSON.stringify writes a lone surrogate back as the same escape, so a text with one would look unchanged.
  if (text.includes('\\ud') || !text.isWellFormed()) return undefined
  const event = parseJson(text)
  if (!isWireEvent(event)) return undefined
  const content = tryCanonicalJson(event.content, 1)
  if (content === undefined) return undefined
  const frame = frameOf(event, content, String(event.origin_ts))
  if (wireText(frame, event.event_id, event.signatures) !== text) return undefined
  return parsed({ event, text, frame, exact: true, lossless: true })
}

/** Step 2. */
export function parseKeepingTokens(text: string): ParseOutcome {
  try {
    const envelope = readEnvelope(readJson(text))
    if (envelope.kind === 'faulty') return malformed(envelope.fault, envelope.message)
    const { originTs, content } = envelope
    const contentText = canonicalNode(content)
    if (contentText === undefined) return malformed('number_out_of_range', 'content holds a number beyond a double')
    const event: WireEvent = { ...envelope.event, content: valueOfNode(content) }
    const frame = frameOf(event, contentText, originTs)
    const exact = wireText(frame, event.event_id, event.signatures) === text
    const lossless = tryCanonicalJson(event.content, 1) === contentText && Number.isSafeInteger(event.origin_ts)
    return parsed({ event, text, frame, exact, lossless })
  } catch (error) {
    if (error instanceof JsonReadError) return malformed(error.fault, error.message)
    throw error
  }
}

function parsed(from: { frame: Frame } & Pick<ParsedEvent, 'event' | 'text' | 'exact' | 'lossless'>): ParsedEvent {
  const { frame, event, text, exact, lossless } = from
  const hash = blake3(canonicalText(frame))
  return { kind: 'parsed', event, text, hash, eventId: eventIdOfHash(hash), exact, lossless }
}

const malformed = (reason: MalformedReason, message: string): MalformedEvent => ({ kind: 'malformed', reason, message })

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the other path says why
  }
}

/** Checks types only; that no field is missing or in excess follows from the text being the wire form. */
function isWireEvent(value: unknown): value is WireEvent {
  if (!isRecord(value)) return false
  const { schema_version: version, origin_ts: time } = value
  return (
    TEXT_FIELDS.every((field) => typeof value[field] === 'string') &&
    Number.isInteger(version) &&
    Number(version) >= 0 &&
    Number(version) <= 255 &&
    Number.isSafeInteger(time) &&
    'content' in value &&
    isTextList(value['prev_events']) &&
    isTextList(value['auth_events']) &&
    isSignatures(value['signatures'])
  )
}

const TEXT_FIELDS = ['event_id', 'origin_server', 'room_id', 'event_type', 'sender'] as const

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isTextList = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')

const isSignatures = (value: unknown): value is Signatures =>
  isRecord(value) &&
  Object.values(value).every(
    (byKey) => isRecord(byKey) && Object.values(byKey).every((signature) => typeof signature === 'string'),
  )

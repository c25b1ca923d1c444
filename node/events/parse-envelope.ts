import { numberOfToken, readInteger } from './json-number.ts'
import type { JsonNode, JsonObjectNode } from './json.ts'
import type { Signatures, WireEvent } from './schema/event.ts'

export type EnvelopeFault = 'not_an_object' | 'missing_field' | 'duplicate_field' | 'wrong_type' | 'number_out_of_range'

export type EnvelopeOutcome =
  | {
      readonly kind: 'envelope'
      readonly event: Omit<WireEvent, 'content'>
      /** Canonical text of `origin_ts`, which may exceed what a double holds. */
      readonly originTs: string
      readonly content: JsonNode
    }
  | { readonly kind: 'faulty'; readonly fault: EnvelopeFault; readonly message: string }

/** The eleven fields of contract 5.1 out of a received object: defaults filled in, unknown fields dropped. */
export function readEnvelope(root: JsonNode): EnvelopeOutcome {
  try {
    return toEnvelope(knownFields(root))
  } catch (error) {
    if (error instanceof EnvelopeError) return { kind: 'faulty', fault: error.fault, message: error.message }
    throw error
  }
}

/** Never leaves this file: it only carries the first fault out of the field readers. */
class EnvelopeError extends Error {
  readonly fault: EnvelopeFault

  constructor(fault: EnvelopeFault, message: string) {
    super(message)
    this.fault = fault
  }
}

const FIELDS = [
  'schema_version',
  'event_id',
  'origin_server',
  'room_id',
  'event_type',
  'sender',
  'origin_ts',
  'content',
  'prev_events',
  'auth_events',
  'signatures',
] as const

type Field = (typeof FIELDS)[number]
type Fields = ReadonlyMap<Field, JsonNode>

const isField = (key: string): key is Field => FIELDS.some((field) => field === key)

function knownFields(root: JsonNode): Fields {
  if (root.kind !== 'object') throw new EnvelopeError('not_an_object', 'an event is an object')
  const fields = new Map<Field, JsonNode>()
  for (const { key, value } of root.members) {
    if (!isField(key)) continue
    if (fields.has(key)) throw new EnvelopeError('duplicate_field', `${key} is given twice`)
    fields.set(key, value)
  }
  return fields
}

function toEnvelope(fields: Fields): EnvelopeOutcome {
  const originTs = integerOf(fields, 'origin_ts', I64)
  return {
    kind: 'envelope',
    originTs: originTs.toString(),
    content: required(fields, 'content'),
    event: {
      schema_version: fields.has('schema_version') ? Number(integerOf(fields, 'schema_version', U8)) : 1,
      event_id: textOf(fields, 'event_id'),
      origin_server: textOf(fields, 'origin_server'),
      room_id: textOf(fields, 'room_id'),
      event_type: textOf(fields, 'event_type'),
      sender: textOf(fields, 'sender'),
      origin_ts: Number(originTs),
      prev_events: textsOf(fields, 'prev_events'),
      auth_events: textsOf(fields, 'auth_events'),
      signatures: signaturesOf(fields),
    },
  }
}

interface Range {
  readonly name: string
  readonly min: bigint
  readonly max: bigint
}

const U8: Range = { name: 'an integer from 0 to 255', min: 0n, max: 255n }
const I64: Range = { name: 'a signed 64-bit integer', min: -(2n ** 63n), max: 2n ** 63n - 1n }

function required(fields: Fields, field: Field): JsonNode {
  const node = fields.get(field)
  if (!node) throw new EnvelopeError('missing_field', `${field} is missing`)
  return node
}

function integerOf(fields: Fields, field: Field, range: Range): bigint {
  const node = required(fields, field)
  if (node.kind !== 'number') throw wrongType(field, range.name)
  if (numberOfToken(node.token) === undefined)
    throw new EnvelopeError('number_out_of_range', `${field} is out of range`)
  const value = readInteger(node.token)
  if (value === undefined || value < range.min || value > range.max) throw wrongType(field, range.name)
  return value
}

function textOf(fields: Fields, field: Field): string {
  const node = required(fields, field)
  if (node.kind !== 'string') throw wrongType(field, 'a string')
  return node.value
}

function textsOf(fields: Fields, field: Field): string[] {
  const node = fields.get(field)
  if (!node) return []
  if (node.kind !== 'array') throw wrongType(field, 'an array of strings')
  return node.items.map((item) => {
    if (item.kind !== 'string') throw wrongType(field, 'an array of strings')
    return item.value
  })
}

/** Of a repeated server or key the last one wins, as in any map of the original. */
function signaturesOf(fields: Fields): Signatures {
  const node = fields.get('signatures')
  if (!node) return {}
  return Object.fromEntries(membersOf(node).map(({ key, value }) => [key, signaturesOfServer(value)]))
}

const signaturesOfServer = (node: JsonNode): Record<string, string> =>
  Object.fromEntries(
    membersOf(node).map(({ key, value }) => {
      if (value.kind !== 'string') throw wrongType('signatures', SIGNATURES)
      return [key, value.value]
    }),
  )

const SIGNATURES = 'an object of objects of strings'

function membersOf(node: JsonNode): JsonObjectNode['members'] {
  if (node.kind !== 'object') throw wrongType('signatures', SIGNATURES)
  return node.members
}

const wrongType = (field: Field, expected: string): EnvelopeError =>
  new EnvelopeError('wrong_type', `${field} must be ${expected}`)

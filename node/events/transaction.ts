import { type JsonNode, JsonReadError, readJson } from './json.ts'
import { type MalformedEvent, parseEvent, type ParsedEvent } from './parse.ts'

export type TransactionOutcome =
  | { readonly kind: 'parsed'; readonly origin: string; readonly events: readonly ParsedEvent[] }
  /** The body is no JSON at all. */
  | { readonly kind: 'not-json'; readonly message: string }
  /** It is JSON, but not a transaction; one event that does not decode spoils all (contract 6.3). */
  | { readonly kind: 'undecodable'; readonly message: string }

/**
 * Reads the body of POST /federation/transactions from its text: `JSON.parse` would have lost number tokens, and with them
 * the hashes. Nesting is counted from the outermost bracket of the request.
 */
export function parseTransaction(text: string): TransactionOutcome {
  const root = read(text)
  if (root instanceof JsonReadError) return { kind: 'not-json', message: root.message }
  if (root.kind !== 'object') return undecodable('a transaction is an object')
  const [origins, lists] = [valuesOf(root, 'origin'), valuesOf(root, 'pdus')]
  if (origins.length > 1 || lists.length > 1) return undecodable('a field is given twice')
  const [origin] = origins
  if (origin?.kind !== 'string') return undecodable('origin must be a string')
  const pdus = lists[0] ?? { kind: 'array', items: [] }
  if (pdus.kind !== 'array') return undecodable('pdus must be an array')
  const outcomes = pdus.items.map((node) => parsePdu(text, node))
  const spoilt = outcomes.find((outcome) => outcome.kind === 'malformed')
  if (spoilt) return undecodable(spoilt.message)
  return { kind: 'parsed', origin: origin.value, events: outcomes.filter((outcome) => outcome.kind === 'parsed') }
}

function read(text: string): JsonNode | JsonReadError {
  try {
    return readJson(text)
  } catch (error) {
    if (error instanceof JsonReadError) return error
    throw error
  }
}

const valuesOf = (root: Extract<JsonNode, { kind: 'object' }>, key: string): JsonNode[] =>
  root.members.filter((member) => member.key === key).map((member) => member.value)

function parsePdu(text: string, node: JsonNode): ParsedEvent | MalformedEvent {
  if (node.kind !== 'object') return { kind: 'malformed', reason: 'not_an_object', message: 'an event is an object' }
  return parseEvent(text.slice(node.start, node.end))
}

const undecodable = (message: string): TransactionOutcome => ({ kind: 'undecodable', message })

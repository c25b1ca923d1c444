/**
 * A JSON reader that keeps what `JSON.parse` throws away: number tokens, repeated keys and where each value stood. It refuses
 * what the original refuses (contract 5): lone surrogates, nesting deeper than the limit, anything after the value.
 */
export type JsonNode =
  | { readonly kind: 'object'; readonly members: readonly JsonMember[]; readonly start: number; readonly end: number }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly token: string }
  | { readonly kind: 'literal'; readonly value: boolean | null }

export type JsonObjectNode = Extract<JsonNode, { kind: 'object' }>

export interface JsonMember {
  readonly key: string
  readonly value: JsonNode
}

export type JsonFault = 'not_json' | 'too_deep' | 'lone_surrogate'

export class JsonReadError extends Error {
  readonly fault: JsonFault

  constructor(fault: JsonFault, message: string) {
    super(message)
    this.name = 'JsonReadError'
    this.fault = fault
  }
}

/** Levels of brackets, counted from the outermost one. */
export const MAX_JSON_DEPTH = 128

interface Cursor {
  readonly text: string
  position: number
}

/** Throws `JsonReadError`. */
export function readJson(text: string): JsonNode {
  if (!text.isWellFormed()) throw new JsonReadError('lone_surrogate', 'the text holds a lone surrogate')
  const cursor: Cursor = { text, position: 0 }
  const node = readValue(cursor, 0)
  skipSpace(cursor)
  if (cursor.position < text.length) throw unexpected(cursor)
  return node
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const SPACE = /[ \t\n\r]*/y
const LITERALS: readonly (readonly [string, boolean | null])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
]

function readValue(cursor: Cursor, depth: number): JsonNode {
  skipSpace(cursor)
  switch (cursor.text.charAt(cursor.position)) {
    case '{':
      return readObject(cursor, deeper(depth))
    case '[':
      return readArray(cursor, deeper(depth))
    case '"':
      return { kind: 'string', value: readString(cursor) }
    default:
      return readNumber(cursor) ?? readLiteral(cursor)
  }
}

function readObject(cursor: Cursor, depth: number): JsonNode {
  const start = cursor.position
  const members: JsonMember[] = []
  cursor.position += 1
  if (!takes(cursor, '}')) {
    do {
      skipSpace(cursor)
      const key = readString(cursor)
      expect(cursor, ':')
      members.push({ key, value: readValue(cursor, depth) })
    } while (takes(cursor, ','))
    expect(cursor, '}')
  }
  return { kind: 'object', members, start, end: cursor.position }
}

function readArray(cursor: Cursor, depth: number): JsonNode {
  const items: JsonNode[] = []
  cursor.position += 1
  if (!takes(cursor, ']')) {
    do items.push(readValue(cursor, depth))
    while (takes(cursor, ','))
    expect(cursor, ']')
  }
  return { kind: 'array', items }
}

/** Finds the closing quote and leaves escapes and control characters to the strict reader of the platform. */
function readString(cursor: Cursor): string {
  const { text, position: start } = cursor
  if (text.charAt(start) !== '"') throw unexpected(cursor)
  let end = start + 1
  while (end < text.length && text.charAt(end) !== '"') end += text.charAt(end) === '\\' ? 2 : 1
  const value = decodeString(text.slice(start, end + 1), start)
  if (!value.isWellFormed()) throw new JsonReadError('lone_surrogate', `a lone surrogate in the string at ${start}`)
  cursor.position = end + 1
  return value
}

function decodeString(literal: string, start: number): string {
  try {
    return JSON.parse(literal) as string
  } catch (cause) {
    throw Object.assign(new JsonReadError('not_json', `a malformed string at ${start}`), { cause })
  }
}

function readNumber(cursor: Cursor): JsonNode | undefined {
  const token = match(NUMBER, cursor)
  return token === undefined ? undefined : { kind: 'number', token }
}

function readLiteral(cursor: Cursor): JsonNode {
  const found = LITERALS.find(([word]) => cursor.text.startsWith(word, cursor.position))
  if (!found) throw unexpected(cursor)
  cursor.position += found[0].length
  return { kind: 'literal', value: found[1] }
}

function match(pattern: RegExp, cursor: Cursor): string | undefined {
  pattern.lastIndex = cursor.position
  const found = pattern.exec(cursor.text)?.[0]
  if (found !== undefined) cursor.position += found.length
  return found
}

function skipSpace(cursor: Cursor): void {
  match(SPACE, cursor)
}

function takes(cursor: Cursor, character: string): boolean {
  skipSpace(cursor)
  const taken = cursor.text.charAt(cursor.position) === character
  if (taken) cursor.position += 1
  return taken
}

function expect(cursor: Cursor, character: string): void {
  if (!takes(cursor, character)) throw unexpected(cursor)
}

function deeper(depth: number): number {
  if (depth >= MAX_JSON_DEPTH) throw new JsonReadError('too_deep', `nested deeper than ${MAX_JSON_DEPTH} levels`)
  return depth + 1
}

function unexpected(cursor: Cursor): JsonReadError {
  const ended = cursor.position >= cursor.text.length
  return new JsonReadError('not_json', ended ? 'the text ends too early' : `unexpected character at ${cursor.position}`)
}

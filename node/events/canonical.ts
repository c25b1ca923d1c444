import { type JsonNode, MAX_JSON_DEPTH } from './json.ts'
import { canonicalNumber, numberOfToken } from './json-number.ts'

/**
 * Canonical JSON of a plain value: keys sorted by code point at every depth, no white space, only integers within ±(2^53 − 1).
 * Members that are undefined are left out. Throws on anything else, which is then a fault of ours.
 */
export function canonicalJson(value: unknown): string {
  const text = tryCanonicalJson(value)
  if (text === undefined) throw new TypeError('a value without canonical form: only safe integers, no lone surrogates')
  return text
}

/** As `canonicalJson`, or undefined. Strings must be well formed; `depth` counts the brackets around the value. */
export function tryCanonicalJson(value: unknown, depth = 0): string | undefined {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed() ? JSON.stringify(value) : undefined
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : undefined
    case 'boolean':
      return String(value)
    case 'object':
      if (value === null) return 'null'
      if (depth >= MAX_JSON_DEPTH) return undefined
      return Array.isArray(value) ? arrayText(value, depth + 1) : objectText(value, depth + 1)
    default:
      return undefined
  }
}

function arrayText(items: readonly unknown[], depth: number): string | undefined {
  let text = ''
  for (const item of items) {
    const itemText = tryCanonicalJson(item, depth)
    if (itemText === undefined) return undefined
    text += text === '' ? itemText : `,${itemText}`
  }
  return `[${text}]`
}

function objectText(value: object, depth: number): string | undefined {
  const members = value as Record<string, unknown>
  let text = ''
  for (const key of sortKeys(Object.keys(members))) {
    const member = members[key]
    if (member === undefined) continue
    const memberText = tryCanonicalJson(member, depth)
    if (memberText === undefined || !key.isWellFormed()) return undefined
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${memberText}`
  }
  return `{${text}}`
}

const SURROGATE = /[\ud800-\udfff]/

/** Sorts in place by code point, which is also the order of the UTF-8 bytes. */
function sortKeys(keys: string[]): string[] {
  // The built-in order compares UTF-16 units: much faster, and different only where surrogates take part.
  return keys.some((key) => SURROGATE.test(key)) ? keys.sort(compareCodePoints) : keys.sort()
}

export function compareCodePoints(left: string, right: string): number {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index += 1) {
    const difference = rankOfUnit(left.charCodeAt(index)) - rankOfUnit(right.charCodeAt(index))
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

/** Surrogates stand for characters above U+FFFF, so they rank after U+E000…U+FFFF. */
function rankOfUnit(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

/** Canonical JSON of received text, token by token; undefined when a number lies beyond the range of a double. */
export function canonicalNode(node: JsonNode): string | undefined {
  switch (node.kind) {
    case 'number':
      return canonicalNumber(node.token)
    case 'array':
      return nodesText(node.items)
    case 'object':
      return membersText(new Map(node.members.map((member) => [member.key, member.value])))
    default:
      return JSON.stringify(node.value)
  }
}

function nodesText(items: readonly JsonNode[]): string | undefined {
  const texts = items.map(canonicalNode)
  return texts.includes(undefined) ? undefined : `[${texts.join(',')}]`
}

function membersText(members: ReadonlyMap<string, JsonNode>): string | undefined {
  const texts: string[] = []
  for (const key of sortKeys([...members.keys()])) {
    const member = members.get(key)
    const text = member && canonicalNode(member)
    if (text === undefined) return undefined
    texts.push(`${JSON.stringify(key)}:${text}`)
  }
  return `{${texts.join(',')}}`
}

/** The value `JSON.parse` would give, with numbers read by the original's rule. Of a repeated key the last one wins. */
export function valueOfNode(node: JsonNode): unknown {
  switch (node.kind) {
    case 'number':
      return numberOfToken(node.token)
    case 'array':
      return node.items.map(valueOfNode)
    case 'object':
      return Object.fromEntries(node.members.map((member) => [member.key, valueOfNode(member.value)]))
    default:
      return node.value
  }
}

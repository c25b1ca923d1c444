import { z } from 'zod'

/** A JSON Schema of draft 2020-12, which is what OpenAPI 3.1 speaks. */
export type JsonSchema = Readonly<Record<string, unknown>>

const LOCAL = '#/$defs/'
const SHARED = '#/components/schemas/'

/** Collects the schemas that have an id (`.meta({ id })`), so that each stands in the document once. */
export function createSchemaShelf() {
  const shared: Record<string, JsonSchema> = {}

  /** `input`: what a client sends. `output`: what it gets. */
  function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const { $schema: _dialect, $defs = {}, ...own } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
    for (const [id, definition] of Object.entries($defs)) shared[id] = clean(definition)
    const { id } = own
    if (id === undefined) return clean(own)
    shared[id] = clean(own)
    return { $ref: `${SHARED}${id}` }
  }

  return { shared, toJsonSchema }
}

/**
 * Points references to the shared place, and drops what helps nobody: ids, limits that only say "a safe integer", and
 * that a client's answer may hold no further fields (a later version may add some).
 */
function clean(schema: object): JsonSchema {
  return Object.fromEntries(Object.entries(schema).flatMap(([name, value]) => cleanMember(name, value)))
}

function cleanMember(name: string, value: unknown): [string, unknown][] {
  if (isNoise(name, value)) return []
  if (name === '$ref' && typeof value === 'string') return [[name, value.replace(LOCAL, SHARED)]]
  return [[name, name === 'properties' ? mapMembers(value) : cleanValue(value)]]
}

function isNoise(name: string, value: unknown): boolean {
  switch (name) {
    case 'id':
      return typeof value === 'string'
    case 'additionalProperties':
      return value === false
    case 'minimum':
    case 'maximum':
      return Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER
    default:
      return false
  }
}

/** Keys below `properties` are field names, whatever they are called. */
function mapMembers(properties: unknown): unknown {
  if (typeof properties !== 'object' || properties === null) return properties
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, cleanValue(value)]))
}

function cleanValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleanValue)
  return typeof value === 'object' && value !== null ? clean(value) : value
}

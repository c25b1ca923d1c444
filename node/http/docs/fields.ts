import type { JsonSchema } from '../json-schema.ts'
import { html, type Html } from './html.ts'

export type SharedSchemas = Readonly<Record<string, JsonSchema>>

const MAX_DEPTH = 4

interface Place {
  /** Dotted name of what the fields are inside of; empty at the top. */
  path: string
  depth: number
}

/** One row per field, nested ones by dotted name. */
export function fieldTable(schema: JsonSchema, shared: SharedSchemas): Html | undefined {
  const rows = rowsOf(schema, { path: '', depth: 0 })
  return rows.length === 0
    ? undefined
    : html`<table>
        ${rows}
      </table>`

  function rowsOf(outer: JsonSchema, { path, depth }: Place): Html[] {
    if (depth > MAX_DEPTH) return []
    const resolved = resolve(outer, shared)
    const items = objectAt(resolved, 'items')
    if (items !== undefined) return rowsOf(items, { path: `${path}[]`, depth: depth + 1 })
    return fieldsOf(resolved).flatMap(({ name, field, isRequired }) => {
      const inner = path === '' ? name : `${path}.${name}`
      return [row(inner, field, isRequired), ...rowsOf(field, { path: inner, depth: depth + 1 })]
    })
  }

  function row(path: string, field: JsonSchema, isRequired: boolean): Html {
    const description = field['description'] ?? resolve(field, shared)['description']
    return html`<tr>
      <td><code>${path}</code></td>
      <td class="soft">${typeName(field, shared)}${!isRequired && ', optional'}</td>
      <td>${typeof description === 'string' && description}</td>
    </tr>`
  }
}

function fieldsOf(schema: JsonSchema): { name: string; field: JsonSchema; isRequired: boolean }[] {
  const required: unknown[] = Array.isArray(schema['required']) ? schema['required'] : []
  return Object.entries(objectAt(schema, 'properties') ?? {}).flatMap(([name, field]) =>
    isObject(field) ? [{ name, field, isRequired: required.includes(name) }] : [],
  )
}

export function typeName(schema: JsonSchema, shared: SharedSchemas): string {
  const resolved = resolve(schema, shared)
  const { type, format } = resolved
  if (Array.isArray(resolved['enum'])) return resolved['enum'].map((value) => JSON.stringify(value)).join(' | ')
  const items = objectAt(resolved, 'items')
  if (type === 'array') return `${items === undefined ? 'any' : typeName(items, shared)}[]`
  return typeof format === 'string' ? format : typeof type === 'string' ? type : 'any'
}

/** A value of this shape, for the sample call. Optional fields are left out. */
export function sampleOf(schema: JsonSchema, shared: SharedSchemas): unknown {
  const resolved = resolve(schema, shared)
  switch (resolved['type']) {
    case 'object':
      return sampleObject(resolved, shared)
    case 'array':
      return []
    case 'integer':
    case 'number':
      return 1
    case 'boolean':
      return true
    default:
      return '…'
  }
}

function sampleObject(schema: JsonSchema, shared: SharedSchemas): Record<string, unknown> {
  const required = fieldsOf(schema).filter(({ isRequired }) => isRequired)
  return Object.fromEntries(required.map(({ name, field }) => [name, sampleOf(field, shared)]))
}

/** Follows a reference, and takes what is not null of a nullable schema. */
function resolve(schema: JsonSchema, shared: SharedSchemas): JsonSchema {
  const { $ref, anyOf, type } = schema
  if (Array.isArray(type)) return { ...schema, type: type.find((name) => name !== 'null') }
  if (typeof $ref === 'string') return shared[$ref.slice($ref.lastIndexOf('/') + 1)] ?? {}
  const choices: unknown[] = Array.isArray(anyOf) ? anyOf : []
  const chosen = choices.find((choice) => isObject(choice) && choice['type'] !== 'null')
  return isObject(chosen) ? { ...resolve(chosen, shared), ...withoutChoices(schema) } : schema
}

const withoutChoices = ({ anyOf: _choices, ...rest }: JsonSchema): JsonSchema => rest

const isObject = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null

function objectAt(schema: JsonSchema, name: string): JsonSchema | undefined {
  const value = schema[name]
  return isObject(value) ? value : undefined
}

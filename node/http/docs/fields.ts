import type { JsonSchema } from '../json-schema.ts'
import { html, type Html } from './html.ts'

export type SharedSchemas = Readonly<Record<string, JsonSchema>>

const MAX_DEPTH = 4

/** One row per field, nested ones by dotted name. */
export function fieldTable(schema: JsonSchema, shared: SharedSchemas): Html | undefined {
  const rows = fieldRows(schema, shared, '', 0)
  return rows.length === 0
    ? undefined
    : html`<table>
        ${rows}
      </table>`
}

function fieldRows(schema: JsonSchema, shared: SharedSchemas, prefix: string, depth: number): Html[] {
  if (depth > MAX_DEPTH) return []
  const resolved = resolve(schema, shared)
  const items = objectAt(resolved, 'items')
  if (items !== undefined) return fieldRows(items, shared, `${prefix}[]`, depth + 1)
  const required = Array.isArray(resolved['required']) ? resolved['required'] : []
  return Object.entries(objectAt(resolved, 'properties') ?? {}).flatMap(([name, field]) => {
    if (!isObject(field)) return []
    const path = prefix === '' ? name : `${prefix}.${name}`
    return [fieldRow(path, field, required.includes(name), shared), ...fieldRows(field, shared, path, depth + 1)]
  })
}

function fieldRow(path: string, field: JsonSchema, isRequired: boolean, shared: SharedSchemas): Html {
  const description = field['description'] ?? resolve(field, shared)['description']
  return html`<tr>
    <td><code>${path}</code></td>
    <td class="soft">${typeName(field, shared)}${!isRequired && ', optional'}</td>
    <td>${typeof description === 'string' && description}</td>
  </tr>`
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
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  const fields = Object.entries(objectAt(schema, 'properties') ?? {}).filter(([name]) => required.includes(name))
  return Object.fromEntries(fields.map(([name, field]) => [name, isObject(field) ? sampleOf(field, shared) : '…']))
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

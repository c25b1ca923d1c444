import type { z } from 'zod'
import { type KeyNotes, keyNotes } from './fields.ts'
import { settingsSchema } from './schema.ts'

export const ENV_PREFIX = 'OPENGUILD_SERVER__'

export type ValueKind = 'text' | 'number' | 'boolean' | 'list'

/** One key as everything outside the schema sees it: environment, flags, docs, `config print`. */
export interface ConfigKey {
  path: string
  kind: ValueKind
  /** Allowed words, when there are only some. */
  options: readonly string[] | undefined
  /** For a list of tables: the keys of one table. */
  itemKeys: readonly string[] | undefined
  default: unknown
  notes: KeyNotes
}

/** All keys in the order of the schema. */
export const CONFIG_KEYS: readonly ConfigKey[] = [...keysOf(settingsSchema, [])]

const byPath = new Map(CONFIG_KEYS.map((key) => [key.path, key]))

export function findKey(path: readonly string[]): ConfigKey | undefined {
  return byPath.get(path.join('.'))
}

export function environmentName(path: readonly string[]): string {
  return ENV_PREFIX + path.join('__').toUpperCase()
}

function* keysOf(table: z.ZodObject, path: readonly string[]): Generator<ConfigKey> {
  for (const [name, schema] of Object.entries(table.shape)) {
    const here = [...path, name]
    const notes = keyNotes.get(schema as z.ZodType)
    const inner = unwrap(schema as z.ZodType)
    if (notes) yield { path: here.join('.'), notes, ...shapeOf(inner), default: defaultOf(schema as z.ZodType) }
    else yield* keysOf(inner as z.ZodObject, here)
  }
}

function shapeOf(inner: z.ZodType): Pick<ConfigKey, 'kind' | 'options' | 'itemKeys'> {
  const { def } = inner as z.ZodType & { def: { type: string; element?: z.ZodType; entries?: Record<string, string> } }
  const element = def.element && unwrap(def.element)
  const itemKeys = element && 'shape' in element ? Object.keys(element.shape as object) : undefined
  return { kind: kindOf(def.type), options: def.entries && Object.values(def.entries), itemKeys }
}

function kindOf(type: string): ValueKind {
  if (type === 'number' || type === 'boolean') return type
  return type === 'array' ? 'list' : 'text'
}

function unwrap(schema: z.ZodType): z.ZodType {
  const { innerType } = schema.def as { innerType?: z.ZodType }
  return innerType ? unwrap(innerType) : schema
}

function defaultOf(schema: z.ZodType): unknown {
  const result = schema.safeParse(undefined)
  return result.success ? result.data : undefined
}

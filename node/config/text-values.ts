import { CONFIG_KEYS, type ConfigKey } from './keys.ts'
import { emptyTable, isTable, type Table } from './layers.ts'

/** For sources that only know text, the environment and the command line: values are read by the kind their key has. */

const BOOLEAN_WORDS = new Map<string, boolean>([
  ...['true', '1', 'yes', 'on'].map((word): [string, boolean] => [word, true]),
  ...['false', '0', 'no', 'off'].map((word): [string, boolean] => [word, false]),
])

/** Text that is not of the key's kind stays text, and the schema says what it should have been. */
export function readText(value: string, key: ConfigKey | undefined): unknown {
  const trimmed = value.trim()
  if (key?.kind === 'number') return /^-?\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : value
  if (key?.kind === 'boolean') return BOOLEAN_WORDS.get(trimmed.toLowerCase()) ?? value
  return value
}

/** Puts a value at its place; false when another value is in the way. */
export function place(tree: Table, steps: readonly string[], value: unknown): boolean {
  let table = tree
  for (const step of steps.slice(0, -1)) {
    const next = table[step] ?? emptyTable()
    if (!isTable(next)) return false
    table[step] = next
    table = next
  }
  const last = steps.at(-1) ?? ''
  if (last in table) return false
  table[last] = value
  return true
}

/** The path of the key a value belongs to: that of the list for something inside a list. */
export function ownerPath(path: readonly string[]): string {
  const full = path.join('.')
  return CONFIG_KEYS.find((key) => full === key.path || full.startsWith(`${key.path}.`))?.path ?? full
}

import type { LogFields } from './log.ts'

/** What an area should not have logged is taken out here once more, at any depth. */

const HIDDEN = '[redacted]'
const MAX_DEPTH = 6
const MAX_ITEMS = 100

const SECRET_NAME =
  /(^|_)(token|password|password_hash|passphrase|secret|authorization|cookie|seed|signing_key|private_key|proof|phrase|mnemonic)s?$/

const SECRET_TEXT: readonly [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[\w+/.~=-]+/gi, `$1 ${HIDDEN}`],
  [/([?&;](?:access_|refresh_|admin_)?token=)[^&;\s"'#]+/gi, `$1${HIDDEN}`],
  // An access token (contract 4.1) wherever it stands: base64url of `{"…`, a dot, 64 bytes.
  [/\beyJ[\w-]{16,}\.[\w-]{86}/g, HIDDEN],
  // An invite link holds the secret that lets its reader in.
  [/(openguild:\/\/join\/)[\w-]+/gi, `$1${HIDDEN}`],
]

export function redactText(text: string): string {
  return SECRET_TEXT.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text)
}

/** Plain JSON values only, without secrets; never throws on cycles, deep values or huge lists. */
export function redactFields(fields: LogFields): Record<string, unknown> {
  return plainTable(Object.entries(fields), [])
}

function plainTable(entries: Iterable<[string, unknown]>, around: readonly object[]): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const [name, value] of entries) {
    if (value === undefined || typeof value === 'function') continue
    result[name] = isSecretName(name) ? HIDDEN : plain(value, around)
  }
  return result
}

function plain(value: unknown, around: readonly object[]): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value === 'bigint' || typeof value === 'symbol') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  if (around.includes(value)) return '[circular]'
  if (around.length >= MAX_DEPTH) return '[deeper]'
  return plainObject(value, [...around, value])
}

function plainObject(value: object, around: readonly object[]): unknown {
  if (value instanceof Uint8Array) return `[${value.length} bytes]`
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '[no date]' : value.toISOString()
  if (value instanceof Error) return plainTable(errorEntries(value), around)
  if (value instanceof Map)
    return plainTable(
      [...value].map(([name, item]) => [String(name), item]),
      around,
    )
  if (Array.isArray(value) || value instanceof Set) return plainList([...value], around)
  if ('toJSON' in value && typeof value.toJSON === 'function') return plain(value.toJSON(), around)
  return plainTable(Object.entries(value), around)
}

function plainList(items: readonly unknown[], around: readonly object[]): unknown[] {
  const shown = items.slice(0, MAX_ITEMS).map((item) => plain(item, around) ?? null)
  return items.length > MAX_ITEMS ? [...shown, `[${items.length - MAX_ITEMS} more]`] : shown
}

/** `message`, `stack` and `cause` are not enumerable, own fields such as `code` are. */
function errorEntries(error: Error): [string, unknown][] {
  const { name, message, stack, cause } = error
  return [['name', name], ['message', message], ...Object.entries(error), ['cause', cause], ['stack', stack]]
}

function isSecretName(name: string): boolean {
  const snake = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll('-', '_')
  return SECRET_NAME.test(snake.toLowerCase())
}

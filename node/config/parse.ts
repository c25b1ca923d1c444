import type { z } from 'zod'
import { CONFIG_KEYS, findKey } from './keys.ts'
import { ConfigError, type ConfigProblem, didYouMean } from './problems.ts'
import { type Config, type ConfiguredSecrets, type Settings, settingsSchema } from './schema.ts'

/** A database URL of another server may carry a password. */
const URL_CREDENTIALS = /:\/\/[^/@]*@/g

export interface ParsedConfig {
  config: Config
  secrets: ConfiguredSecrets
}

/**
 * Checks a plain object with the keys of the schema, for hosts that have no files or flags (desktop, tests).
 * Missing keys get their defaults. Throws `ConfigError` with every problem.
 */
export function parseConfig(input: unknown = {}): ParsedConfig {
  const result = checkSettings(input, () => 'configuration')
  if ('problems' in result) throw new ConfigError(result.problems)
  return splitSecrets(result.settings, undefined)
}

export function checkSettings(
  input: unknown,
  sourceOf: (path: readonly string[]) => string,
): { settings: Settings } | { problems: ConfigProblem[] } {
  const result = settingsSchema.safeParse(input)
  if (result.success) return { settings: result.data }
  return { problems: unique(result.error.issues.flatMap((issue) => toProblems(issue, input, sourceOf))) }
}

/** Separates what may be logged from what may not, and freezes the former. */
export function splitSecrets(settings: Settings, passphrase: string | undefined): ParsedConfig {
  const { signing_key: sessionSigningKey, ...session } = settings.session
  const { token: adminToken, ...admin } = settings.admin
  return {
    config: deepFreeze({ ...settings, session, admin }),
    secrets: Object.freeze({ sessionSigningKey, adminToken, passphrase }),
  }
}

function toProblems(
  issue: z.core.$ZodIssue,
  input: unknown,
  sourceOf: (path: readonly string[]) => string,
): ConfigProblem[] {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((name) => {
      const full = [...path, name]
      return { path: full.join('.'), source: sourceOf(full), message: unknownKeyMessage(full) }
    })
  }
  return [{ path: path.join('.'), source: sourceOf(path), message: issue.message + gotText(path, input) }]
}

function unknownKeyMessage(path: readonly string[]): string {
  const full = path.join('.')
  const last = path.at(-1) ?? ''
  const paths = CONFIG_KEYS.map((key) => key.path)
  const hint = didYouMean(full, paths) ?? paths.find((known) => known.split('.').at(-1) === last)
  return hint ? `is not a known key, did you mean ${hint}?` : 'is not a known key; remove it or see docs/SETUP.md'
}

function gotText(path: readonly string[], input: unknown): string {
  const isSecret = findKey(path)?.notes.secret === true
  const value = valueAt(input, path)
  if (isSecret || value === undefined) return ''
  const shown = (JSON.stringify(value) ?? String(value)).replace(URL_CREDENTIALS, '://…@')
  return `, got ${shown.length > 80 ? `${shown.slice(0, 80)}…` : shown}`
}

function valueAt(input: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined),
    input,
  )
}

function unique(problems: readonly ConfigProblem[]): ConfigProblem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()]
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner)
  }
  return Object.freeze(value)
}

import { CONFIG_KEYS, type ConfigKey, findKey } from './keys.ts'
import { emptyTable, type Layer } from './layers.ts'
import { ownerPath, place, readText } from './text-values.ts'

/** One command line option, in the form commander takes it. */
export interface ConfigFlag {
  /** For example `--port <number>`. */
  flag: string
  /** Name of the parsed option, as commander derives it: `metricsBindAddr`. */
  attribute: string
  /** Path of the configuration key. */
  path: string
  description: string
  /** May be given several times; each adds to a list. */
  repeatable: boolean
}

/** Flag values by the path of their key. */
export type FlagValues = Readonly<Record<string, string | readonly string[]>>

export const CONFIG_FLAGS: readonly ConfigFlag[] = CONFIG_KEYS.filter((key) => key.notes.flag).map(toFlag)

/** Picks the configuration flags out of commander's options; everything else is left to the command. */
export function toFlagValues(options: Readonly<Record<string, unknown>>): FlagValues {
  const given = CONFIG_FLAGS.map(({ path, attribute }) => [path, options[attribute]] as const)
  return Object.fromEntries(given.filter((entry): entry is [string, string | string[]] => isFlagValue(entry[1])))
}

export function flagLayer(values: FlagValues): Layer {
  const tree = emptyTable()
  for (const [path, value] of Object.entries(values)) {
    const steps = path.split('.')
    place(tree, steps, typeof value === 'string' ? readText(value, findKey(steps)) : value)
  }
  return { tree, sourceOf: (path) => `--${flagName(ownerPath(path))}` }
}

/** The word after the two dashes. */
export function flagName(path: string): string {
  const flag = findKey(path.split('.'))?.notes.flag
  return typeof flag === 'string' ? flag : path.replaceAll(/[._]/g, '-')
}

function toFlag(key: ConfigKey): ConfigFlag {
  const name = flagName(key.path)
  return {
    flag: `--${name} <${placeholderOf(key)}>`,
    attribute: name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
    path: key.path,
    description: key.notes.description.replaceAll('`', ''),
    repeatable: key.kind === 'list',
  }
}

function placeholderOf(key: ConfigKey): string {
  if (key.options) return key.options.join('|')
  if (key.kind === 'boolean') return 'bool'
  return key.kind === 'number' ? 'number' : 'value'
}

function isFlagValue(value: unknown): value is string | string[] {
  return typeof value === 'string' || (Array.isArray(value) && value.every((item) => typeof item === 'string'))
}

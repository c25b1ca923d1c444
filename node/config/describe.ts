import { CONFIG_KEYS, type ConfigKey, environmentName } from './keys.ts'
import { flagName } from './flags.ts'
import type { LoadedConfig } from './load.ts'

const MASK = '********'

export interface ConfigEntry {
  path: string
  /** Undefined when unset; a secret is masked. */
  value: unknown
  /** `default`, or the name of the file, variable or flag. */
  source: string
}

/** The merged result of all sources, key by key in the order of the schema. */
export function describeConfig({ settings, sourceOf }: Pick<LoadedConfig, 'settings' | 'sourceOf'>): ConfigEntry[] {
  return CONFIG_KEYS.map((key) => {
    const value = key.path.split('.').reduce<unknown>((at, name) => Object(at)[name], settings)
    const isHidden = key.notes.secret === true && value !== undefined
    return { path: key.path, value: isHidden ? MASK : value, source: sourceOf(key.path) ?? 'default' }
  })
}

/** The same as lines of text, one key a line. */
export function printConfig(loaded: Pick<LoadedConfig, 'settings' | 'sourceOf'>): string {
  const rows = describeConfig(loaded).map(({ path, value, source }) => ({
    left: `${path} = ${value === undefined ? '(unset)' : JSON.stringify(value)}`,
    source,
  }))
  return rows.map(({ left, source }) => `${left.padEnd(56)}  # ${source}`).join('\n')
}

/** The table of `docs/SETUP.md`. A test holds the two together. */
export function renderConfigTable(): string {
  const head = ['Key', 'Default', 'Environment (`OPENGUILD_SERVER__`…)', 'Flag', 'Meaning']
  return [head, head.map(() => '---'), ...CONFIG_KEYS.map(toRow)].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function toRow(key: ConfigKey): string[] {
  const words = key.options ? ` One of ${key.options.map((word) => `\`${word}\``).join(', ')}.` : ''
  const secret = key.notes.secret ? ' Secret.' : ''
  return [
    `\`${key.path}\``,
    defaultText(key),
    variableText(key),
    key.notes.flag ? `\`--${flagName(key.path)}\`${key.kind === 'list' ? ' (repeatable)' : ''}` : '–',
    key.notes.description + words + secret,
  ]
}

function defaultText(key: ConfigKey): string {
  if (key.notes.shownDefault !== undefined) return key.notes.shownDefault
  if (key.default === undefined) return 'unset'
  return key.kind === 'list' ? 'empty list' : `\`${String(key.default)}\``
}

function variableText(key: ConfigKey): string {
  const name = environmentName(key.path.split('.')).slice('OPENGUILD_SERVER__'.length)
  if (key.kind !== 'list') return `\`${name}\``
  if (!key.itemKeys) return `\`${name}__0\`, …`
  return key.itemKeys.map((item) => `\`${name}__0__${item.toUpperCase()}\``).join(', ')
}

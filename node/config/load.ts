import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { messageOf } from '../base/errors.ts'
import { environmentLayer } from './environment.ts'
import { parseSqliteUrl } from './fields.ts'
import { chooseFile, fileLayer, type FileStem } from './files.ts'
import { flagLayer, type FlagValues } from './flags.ts'
import { type Layer, type Merged, mergeLayers } from './layers.ts'
import { checkSettings, type ParsedConfig, splitSecrets } from './parse.ts'
import { ConfigError, type ConfigProblem } from './problems.ts'
import type { Settings } from './schema.ts'

export interface ConfigSources {
  /** Where `config/` is looked for and relative paths start. Default: the working directory of the process. */
  directory?: string
  /** Default: the environment of the process. */
  env?: NodeJS.ProcessEnv
  flags?: FlagValues
}

export interface LoadedConfig extends ParsedConfig {
  /** All values, secrets included, for `describeConfig`. */
  settings: Settings
  /** Name of the file, variable or flag a value came from; undefined for a default. */
  sourceOf(path: string): string | undefined
}

/**
 * The only reader of configuration files and the environment. Weakest first: defaults, `config/server.*`,
 * `config/server.local.*`, `OPENGUILD_SERVER__…`, flags. Throws `ConfigError` with all problems of all sources.
 */
export function loadConfig(sources: ConfigSources = {}): LoadedConfig {
  const directory = resolve(sources.directory ?? process.cwd())
  const env = sources.env ?? process.env
  const files = readFiles(join(directory, 'config'))
  const environment = environmentLayer(env)
  const merged = mergeLayers([...files.layers, environment.layer, flagLayer(sources.flags ?? {})])

  const checked = checkSettings(merged.tree, (path) => merged.sourceOf(path) ?? 'default')
  const problems = [
    ...files.problems,
    ...environment.problems,
    ...('problems' in checked ? checked.problems : []),
    ...overruledAddress(merged),
  ]
  if ('problems' in checked || problems.length > 0) throw new ConfigError(problems)

  const settings = withAbsolutePaths(checked.settings, directory)
  const passphrase = readPassphrase(env, settings.identity.passphrase_file)
  return {
    ...splitSecrets(settings, passphrase),
    settings,
    sourceOf: (path) => merged.sourceOf(path.split('.')),
  }
}

/**
 * `bind_addr` wins over `host` and `port` (contract 9.2). Who gives one of those in a stronger source wants something that
 * would not happen, and hears of it instead of finding the node at another address.
 */
function overruledAddress({ sourceOf, strengthOf }: Merged): ConfigProblem[] {
  const bound = ['bind_addr']
  const winner = sourceOf(bound)
  if (winner === undefined) return []
  return ['host', 'port']
    .filter((path) => strengthOf([path]) > strengthOf(bound))
    .map((path) => ({
      path,
      source: sourceOf([path]) ?? 'default',
      message: `has no effect, because bind_addr of ${winner} wins over host and port; give bind_addr here instead`,
    }))
}

function readFiles(directory: string): { layers: Layer[]; problems: ConfigProblem[] } {
  const names = listNames(directory)
  const layers: Layer[] = []
  const problems: ConfigProblem[] = []
  for (const stem of ['server', 'server.local'] satisfies FileStem[]) {
    const chosen = chooseFile(stem, names)
    problems.push(...chosen.problems)
    if (chosen.name === undefined) continue
    const read = readFile(directory, chosen.name)
    if ('layer' in read) layers.push(read.layer)
    else problems.push(read.problem)
  }
  return { layers, problems }
}

function readFile(directory: string, name: string): ReturnType<typeof fileLayer> {
  const label = `config/${name}`
  try {
    return fileLayer(label, readFileSync(join(directory, name), 'utf8'))
  } catch (thrown) {
    return { problem: { path: label, source: label, message: `cannot be read: ${messageOf(thrown)}` } }
  }
}

/** The directory is optional; one that is there and cannot be read is not passed over. */
function listNames(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : []
}

function withAbsolutePaths(settings: Settings, directory: string): Settings {
  const passphraseFile = settings.identity.passphrase_file
  const database = settings.database_url === undefined ? undefined : parseSqliteUrl(settings.database_url)
  return {
    ...settings,
    data_dir: resolve(directory, settings.data_dir),
    database_url: database === undefined ? undefined : `sqlite:${resolve(directory, database)}`,
    identity: { passphrase_file: passphraseFile === undefined ? undefined : resolve(directory, passphraseFile) },
  }
}

function readPassphrase(env: NodeJS.ProcessEnv, file: string | undefined): string | undefined {
  if (env['OPENGUILD_PASSPHRASE']) return env['OPENGUILD_PASSPHRASE']
  if (file === undefined) return undefined
  const problem = (message: string) => new ConfigError([{ path: 'identity.passphrase_file', source: file, message }])
  const passphrase = readLine(file, (thrown) => problem(`cannot be read: ${messageOf(thrown)}`))
  if (passphrase === '') throw problem('has an empty first line; write the passphrase there')
  return passphrase
}

function readLine(file: string, onFault: (thrown: unknown) => Error): string {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/, 1)[0] ?? ''
  } catch (thrown) {
    throw onFault(thrown)
  }
}

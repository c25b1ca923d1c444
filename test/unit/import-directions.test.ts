import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** The linter holds the import directions of the style guide; these tests hold the linter's configuration. */

const AREAS = ['base', 'config', 'events', 'storage', 'services', 'api', 'http', 'gateway', 'federation'] as const

const MAY_IMPORT: Record<(typeof AREAS)[number], readonly string[]> = {
  base: [],
  config: ['base'],
  events: ['base'],
  storage: ['base', 'events'],
  services: ['base', 'events', 'storage'],
  api: ['base', 'events', 'storage', 'services'],
  http: ['base', 'events', 'services', 'api'],
  gateway: ['base', 'events', 'services', 'api'],
  federation: ['base', 'events', 'services'],
}

const KNOWS_CONFIG_TYPES = ['storage', 'services', 'api', 'http', 'gateway', 'federation']

interface Sample {
  name: string
  path: string
  code: string
  isAllowed: boolean
}

const samples: Sample[] = [
  ...AREAS.flatMap((from) => [
    ...AREAS.filter((to) => to !== from).map((to) => sample(from, `../${to}/x.ts`, MAY_IMPORT[from].includes(to))),
    sample(from, '../node.ts', false),
    sample(from, '../index.ts', false),
    sample(from, '../compose/x.ts', false),
    sample(from, '../cli/x.ts', false),
  ]),
  ...KNOWS_CONFIG_TYPES.map((from) => typeSample(from, '../config/schema.ts', true)),
  ...['base', 'events'].map((from) => typeSample(from, '../config/schema.ts', false)),
  sample('services/timeline', '../../http/x.ts', false),
  sample('services/timeline', '../../storage/x.ts', true),
  sample('events', 'node:crypto', true),
  sample('events', 'node:fs', false),
  sample('events', 'node:timers/promises', false),
  sample('services', 'better-sqlite3', false),
  sample('storage', 'better-sqlite3', true),
  sample('services', 'express', false),
  sample('http', 'express', true),
  sample('http', 'ws', false),
  sample('gateway', 'ws', true),
  sample('services', 'libp2p', false),
  sample('services', '@libp2p/gossipsub', false),
  sample('federation', '@libp2p/gossipsub', true),
  codeSample('events', 'a clock', 'export const now = () => Date.now()'),
  codeSample('events', 'randomness', 'export const roll = () => Math.random()'),
  codeSample('services', 'the environment', 'export const home = () => process.env.HOME'),
  codeSample('services', 'an end to the process', 'export const end = () => process.exit(1)'),
]

function sample(from: string, specifier: string, isAllowed: boolean): Sample {
  return place(from, specifier, { code: `import { x } from '${specifier}'\nexport const y = x\n`, isAllowed })
}

function typeSample(from: string, specifier: string, isAllowed: boolean): Sample {
  const code = `import type { x } from '${specifier}'\nexport type Y = x\n`
  return place(from, `types of ${specifier}`, { code, isAllowed })
}

function codeSample(from: string, what: string, code: string): Sample {
  return place(from, what, { code: `${code}\n`, isAllowed: false })
}

function place(from: string, what: string, rest: Pick<Sample, 'code' | 'isAllowed'>): Sample {
  const verdict = rest.isAllowed ? 'may' : 'may not'
  return { name: `${from} ${verdict} use ${what}`, path: `node/${from}/${what.replaceAll(/\W+/g, '-')}.ts`, ...rest }
}

let directory: string
let refused: Set<string>

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'openguild-lint-'))
  copyFileSync(new URL('../../.oxlintrc.json', import.meta.url), join(directory, '.oxlintrc.json'))
  for (const { path, code } of samples) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), code)
  }
  refused = lint()
})
afterAll(() => rmSync(directory, { recursive: true }))

/** One run over all samples: the paths with an error. */
function lint(): Set<string> {
  const manifest = createRequire(import.meta.url).resolve('oxlint/package.json')
  const args = [join(dirname(manifest), 'bin', 'oxlint'), '--quiet', '--format=json']
  const { stdout } = spawnSync(process.execPath, args, { cwd: directory, encoding: 'utf8' })
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { filename: string }[] }
  return new Set(diagnostics.map(({ filename }) => filename))
}

describe('imports go one way', () => {
  it.each(samples)('$name', ({ path, isAllowed }) => {
    expect(refused.has(path)).toBe(!isAllowed)
  })
})

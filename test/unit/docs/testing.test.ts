import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import manifest from '../../../package.json' with { type: 'json' }
import { codeBlocksOf, codesIn, codesOf, readSource, tableOf } from '../../kit/markdown.ts'

const page = readSource('docs/testing.md')
const testFolder = fileURLToPath(new URL('../../', import.meta.url))

describe('docs/testing.md', () => {
  it('tells of every folder of tests', () => {
    const folders = readdirSync(testFolder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && readdirSync(`${testFolder}${entry.name}`).length > 0)
      .map(({ name }) => `test/${name}`)

    expect(codesOf(tableOf(page, 'folders')).toSorted()).toEqual(folders.toSorted())
  })

  it.each(tableOf(page, 'kit').map(([, names = '', files = '']) => [codesIn(names), codesIn(files)]))(
    'names %s of the kit as it is',
    (names, files) => {
      const sources = files.map((file) => readSource(file)).join('\n')

      expect(names.filter((name) => !new RegExp(`^export .*\\b${name}\\b`, 'm').test(sources))).toEqual([])
    },
  )

  it('shows the example as it is run', () => {
    const [example] = codeBlocksOf(page).filter(({ name }) => name === 'federation-example')

    expect(example?.text).toBe(readSource('test/integration/docs-example.test.ts'))
  })
})

describe.each(['README.md', 'docs/testing.md', 'docs/SETUP.md', 'docs/OPERATIONS.md', 'docs/CI_PLAN.md'])(
  '%s',
  (path) => {
    it('runs scripts that the project has', () => {
      const scripts = [...readSource(path).matchAll(/\bnpm run (?:-s )?([\w:]+)/g)].map(([, script]) => script ?? '')

      expect(scripts.filter((script) => !(script in manifest.scripts))).toEqual([])
    })
  },
)

it('every change has a heading', () => {
  const changes = fileURLToPath(new URL('../../../docs/changes', import.meta.url))

  for (const name of readdirSync(changes)) expect(readSource(`docs/changes/${name}`), name).toMatch(/^# .+\n/)
})

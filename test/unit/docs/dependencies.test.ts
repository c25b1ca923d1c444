import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import manifest from '../../../package.json' with { type: 'json' }

const page = readFileSync(new URL('../../../docs/decisions/dependencies.md', import.meta.url), 'utf8')

it('every dependency has a reason, and no reason is left of one that is gone', () => {
  const used = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.devDependencies }
  const explained = new Set([...page.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name))
  const named = (name: string) => explained.has(name) || (name in manifest.optionalDependencies && page.includes(name))

  expect(Object.keys(used).filter((name) => !named(name))).toEqual([])
  expect([...explained].filter((name) => name !== undefined && !(name in used))).toEqual([])
})

it('versions are exact', () => {
  const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies })

  expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
})

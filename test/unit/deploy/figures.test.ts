import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { parse } from 'yaml'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const textOf = (pattern: string): string[] =>
  globSync(pattern, { cwd: root }).map((path) => readFileSync(`${root}${path}`, 'utf8'))

/** Written whole, or as `gauge('name'` where the prefix is added. */
function declaredFigures(): Set<string> {
  const source = textOf('node/**/*.ts').join('\n')
  const whole = [...source.matchAll(/'(openguild_\w+)'/g)].map(([, name]) => name)
  const short = [...source.matchAll(/\b(?:gauge|counter)\(\s*'(\w+)'/g)].map(([, name]) => `openguild_${name}`)
  return new Set([...whole, ...short].filter((name) => name !== undefined))
}

it.each(['deploy/prometheus/alerts.yml', 'deploy/grafana/dashboards/openguild.json'])(
  '%s asks only for figures the node has',
  (path) => {
    const [text = ''] = textOf(path)
    const asked = [...text.matchAll(/\bopenguild_\w+/g)].map(([name]) => name.replace(/_bucket$/, ''))

    expect(asked.length).toBeGreaterThan(0)
    expect([...new Set(asked)].filter((name) => !declaredFigures().has(name))).toEqual([])
  },
)

it('every alert says how bad it is and what to do', () => {
  const [text = ''] = textOf('deploy/prometheus/alerts.yml')
  const { groups } = parse(text) as { groups: { rules: object[] }[] }

  for (const rule of groups.flatMap((group) => group.rules)) {
    expect(rule).toMatchObject({
      labels: { severity: expect.stringMatching(/^(critical|warning|info)$/) },
      annotations: { summary: expect.any(String), action: expect.any(String) },
    })
  }
})

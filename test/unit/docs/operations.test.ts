import { globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { CONFIG_KEYS } from '../../../node/config/keys.ts'
import { codesIn, headingsOf, readSource, tableOf } from '../../kit/markdown.ts'

const page = readSource('docs/OPERATIONS.md')

interface AlertRule {
  alert: string
  expr: string
  for?: string
  labels: { severity: string }
}

const alertRules = (): AlertRule[] => {
  const { groups } = parse(readSource('deploy/prometheus/alerts.yml')) as { groups: { rules: AlertRule[] }[] }
  return groups.flatMap(({ rules }) => rules)
}

const repository = fileURLToPath(new URL('../../../', import.meta.url))
const sources = () =>
  globSync('node/**/*.ts', { cwd: repository })
    .map((path) => readSource(path))
    .join('\n')

describe('docs/OPERATIONS.md', () => {
  it('lists the alerts as the rules have them', () => {
    const documented = tableOf(page, 'alerts').map(([alert = '', severity, threshold = '', wait]) => ({
      alert: codesIn(alert)[0],
      severity,
      threshold: codesIn(threshold)[0],
      wait,
    }))

    expect(documented).toEqual(
      alertRules().map((rule) => ({
        alert: rule.alert,
        severity: rule.labels.severity,
        threshold: /(?:==|>|<) [\d.]+$/.exec(rule.expr.trim())?.[0],
        wait: rule.for ?? 'at once',
      })),
    )
  })

  it('has a runbook for each alert, in their order', () => {
    expect(headingsOf(page, 4)).toEqual(alertRules().map(({ alert }) => alert))
  })

  it.each(tableOf(page, 'guardrails').map(([what = '', value = '', where = '']) => [what, value, where]))(
    'gives the limit of %s as it is',
    (_what, value, where) => {
      const documented = Number(/^[\d ]+/.exec(value)?.[0].replaceAll(' ', ''))

      expect(limitAt(codesIn(where))).toBe(documented)
    },
  )

  it('names log fields that are logged', () => {
    const fields = tableOf(page, 'log-fields').flatMap(([names = '']) => codesIn(names))
    const source = sources()

    expect(fields.length).toBeGreaterThan(10)
    expect(fields.filter((field) => !new RegExp(`\\b${field}\\b`).test(source))).toEqual([])
  })
})

describe('docs/API.md', () => {
  it('gives the rate limits as the configuration has them', () => {
    const stated = [...readSource('docs/API.md').matchAll(/`([a-z_]+\.[a-z_]+)` \((\d+)/g)]

    expect(stated.length).toBeGreaterThan(3)
    for (const [, key = '', value] of stated) expect([key, limitAt([key])]).toEqual([key, Number(value)])
  })
})

/** A key of the configuration, or a constant and the file it is in. */
function limitAt([name = '', file]: readonly string[]): unknown {
  if (file !== undefined) return constantIn(file, name)
  return CONFIG_KEYS.find(({ path }) => path === name)?.default
}

/** `const NAME = 4 * 1024` and the like. */
function constantIn(file: string, name: string): number | undefined {
  const factors = new RegExp(`const ${name} = ([\\d_ *]+)$`, 'm').exec(readSource(file))?.[1]
  return factors?.split('*').reduce((product, factor) => product * Number(factor.trim().replaceAll('_', '')), 1)
}

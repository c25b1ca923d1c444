import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CpuUse } from './cpu-meter.ts'
import type { Machine } from './machine.ts'
import { type Figure, type Goal, type Measured, reaches, type Row } from './row.ts'
import { type Spread, spreadOf } from './statistics.ts'

export type RunResult =
  { kind: 'measured'; figures: Measured; cpu: CpuUse | undefined } | { kind: 'failed'; reason: string }

export interface RowResult {
  row: Row
  runs: readonly RunResult[]
}

const HEAD = ['row', 'figure', 'goal', 'median', 'least to most', 'reached', 'other CPU']

/** The table, one line for each figure, in Markdown so that it can go into docs/BENCHMARKS.md as it is. */
export function formatTable(results: readonly RowResult[]): string {
  const lines = [HEAD, HEAD.map(() => '---'), ...results.flatMap(linesOf)]
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  return lines.map((line) => `| ${line.map((cell, column) => pad(cell, widths[column] ?? 0)).join(' | ')} |`).join('\n')
}

const pad = (cell: string, width: number): string => (cell === '---' ? '-'.repeat(width) : cell.padEnd(width))

function linesOf({ row, runs }: RowResult): string[][] {
  const measured = runs.filter((run) => run.kind === 'measured')
  const failed = runs.find((run) => run.kind === 'failed')
  if (failed !== undefined) return [[row.title, `failed: ${failed.reason}`, '', '', '', 'no', '']]
  const cpu = describeOther(measured.map((run) => run.cpu))
  return row.figures.map((figure, index) => {
    const spread = spreadOf(measured.map((run) => run.figures[figure.name] ?? Number.NaN))
    return [
      index === 0 ? row.title : '',
      figure.label,
      goalText(figure),
      ...valueCells(figure, spread),
      index === 0 ? cpu : '',
    ]
  })
}

function valueCells({ unit, goal }: Figure, { median, least, most }: Spread): string[] {
  const reached = goal === undefined ? '' : reaches(goal, median) ? 'yes' : 'no'
  return [`${round(median)} ${unit}`, `${round(least)} to ${round(most)}`, reached]
}

function goalText({ goal, unit }: Figure): string {
  return goal === undefined ? '' : `${SIGNS[goal.kind]}${round(goal.value)} ${unit}`
}

const SIGNS: Record<Goal['kind'], string> = { 'at most': '≤ ', below: '< ', 'at least': '≥ ' }

/** Three digits are all a run can tell. */
function round(value: number): string {
  if (!Number.isFinite(value)) return '?'
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return Number(value.toFixed(digits)).toLocaleString('en', { maximumFractionDigits: 2 }).replaceAll(',', ' ')
}

function describeOther(uses: readonly (CpuUse | undefined)[]): string {
  const known = uses.filter((use) => use !== undefined)
  if (known.length === 0) return 'not known'
  const { least, most } = spreadOf(known.map((use) => use.other))
  return `${least.toFixed(2)} to ${most.toFixed(2)} cores`
}

/** Everything that was measured. Gives the path of the file. */
export function writeResults(directory: string, machine: Machine, results: readonly RowResult[]): string {
  mkdirSync(directory, { recursive: true })
  const at = new Date().toISOString()
  const path = join(directory, `${at.replaceAll(/[:.]/g, '-')}.json`)
  const rows = results.map(({ row: { name, title, figures }, runs }) => ({ name, title, figures, runs }))
  writeFileSync(path, `${JSON.stringify({ at, machine, rows }, undefined, 2)}\n`)
  return path
}

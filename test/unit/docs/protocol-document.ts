import { readFileSync } from 'node:fs'

const repository = new URL('../../../', import.meta.url)

export const readSource = (path: string): string => readFileSync(new URL(path, repository), 'utf8')

const DOCUMENT = readSource('docs/PROTOCOL.md')

/** Rows of the table behind `<!-- table: name -->`, without its heading; cells as written. */
export function rowsOf(table: string): string[][] {
  const [, rest] = DOCUMENT.split(`<!-- table: ${table} -->\n\n`)
  if (rest === undefined) throw new Error(`docs/PROTOCOL.md has no table ${table}`)
  const [text = ''] = rest.split('\n\n')
  const lines = text.trimEnd().split('\n').slice(2)
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

/** Everything between back-ticks. */
export const codesIn = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)

/** The code in the first cell of each row. */
export const codesOf = (table: string): string[] => rowsOf(table).flatMap(([first = '']) => codesIn(first).slice(0, 1))

/** Second cell of the row that begins with `label`, without back-ticks. */
export function valueOf(table: string, label: string): string {
  const row = rowsOf(table).find(([first = '']) => first.replaceAll('`', '') === label)
  if (row === undefined) throw new Error(`The table ${table} has no row ${label}`)
  return (row[1] ?? '').replaceAll('`', '')
}

/** Text of the code block marked `sample=name`, exactly. */
export function sample(name: string): string {
  const [, rest] = DOCUMENT.split(`\`\`\`text sample=${name}\n`)
  const end = rest?.indexOf('\n```') ?? -1
  if (rest === undefined || end < 0) throw new Error(`docs/PROTOCOL.md has no sample ${name}`)
  return rest.slice(0, end)
}

export const sampleBytes = (name: string): Uint8Array =>
  Uint8Array.from(Buffer.from(sample(name).replaceAll('\n', ''), 'hex'))

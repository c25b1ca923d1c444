import { readFileSync } from 'node:fs'

// Pages of `docs/` as tests read them: what they say in tables and code blocks is held to the code.

const repository = new URL('../../', import.meta.url)

/** A file of the repository by its path from the root. */
export const readSource = (path: string): string => readFileSync(new URL(path, repository), 'utf8')

export interface CodeBlock {
  /** First word of the opening fence. */
  language: string
  /** What else stands there: the name of a sample. */
  name: string
  text: string
  /** Line of the opening fence, from 1. */
  line: number
}

/** In the order of the page. */
export function codeBlocksOf(page: string): CodeBlock[] {
  return [...page.matchAll(/^```(\S+)([^\n]*)\n(.*?)^```$/gms)].map(
    ({ 1: language = '', 2: name = '', 3: text = '', index }) => ({
      language,
      name: name.trim(),
      text,
      line: page.slice(0, index).split('\n').length,
    }),
  )
}

/** Text of the headings of one level. */
export const headingsOf = (page: string, level: number): string[] =>
  [...page.matchAll(new RegExp(`^${'#'.repeat(level)} (.+)$`, 'gm'))].map(([, text = '']) => text)

/** Rows of the table behind `<!-- table: name -->`, without its heading; cells as written. Throws when there is none. */
export function tableOf(page: string, name: string): string[][] {
  const [, rest] = page.split(`<!-- table: ${name} -->\n\n`)
  if (rest === undefined) throw new Error(`The page has no table ${name}`)
  const [table = ''] = rest.split('\n\n')
  return table
    .trimEnd()
    .split('\n')
    .slice(2)
    .map((line) => cellsOf(line))
}

const cellsOf = (line: string): string[] =>
  line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('\\|', '|'))

/** Everything between back-ticks. */
export const codesIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)

/** The code in the first cell of each row. */
export const codesOf = (rows: readonly string[][]): string[] =>
  rows.flatMap(([first = '']) => codesIn(first).slice(0, 1))

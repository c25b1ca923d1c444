import { parseArgs } from 'node:util'

export interface BenchOptions {
  runs: number
  quick: boolean
  /** How long a run waits for the rest of the machine to be quiet. */
  patienceMs: number
  /** Names of rows; all when empty. */
  only: readonly string[]
  list: boolean
  /** Directory for CPU profiles of every process that is started. */
  profile: string | undefined
}

export const USAGE = `npm run bench -- [options]
  --only <name>      this row alone; may be given several times
  --runs <number>    runs of each row; the table shows the median (default 3)
  --quick            small loads, one run
  --patience <s>     seconds a run waits for a quiet machine (default 20)
  --profile <dir>    CPU profiles of the nodes, for chrome://inspect; slows them down
  --list             names of the rows`

/** Throws with the usage when the words make no sense. */
export function parseOptions(words: readonly string[], known: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...words],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      runs: { type: 'string' },
      patience: { type: 'string', default: '20' },
      quick: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      profile: { type: 'string' },
    },
  })
  const unknown = values.only.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`There is no row ${unknown}; there are ${known.join(', ')}`)
  const { quick, only, list, profile } = values
  const runs = Number(values.runs ?? (quick ? 1 : 3))
  const patienceMs = Number(values.patience) * 1000
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs takes a whole number from 1\n${USAGE}`)
  if (!(patienceMs >= 0)) throw new Error(`--patience takes seconds\n${USAGE}`)
  return { runs, quick, patienceMs, only, list, profile }
}

/** What a figure has to reach (design section 11); a figure without a goal is there to understand the others. */
export type Goal =
  { kind: 'at most'; value: number } | { kind: 'below'; value: number } | { kind: 'at least'; value: number }

export interface Figure {
  /** Name in the JSON: `p99_ms`. */
  name: string
  /** Words in the table: `p99`. */
  label: string
  unit: string
  goal?: Goal
}

export interface RunContext {
  /** Smaller loads, for a look at the harness or for a slow machine; goals mean little then. */
  quick: boolean
  /** Empty directory of this run, removed afterwards. */
  workDir: string
  /** Kept between runs, for databases that take long to make. */
  cacheDir: string
  /** A line for whoever is waiting. */
  say(what: string): void
}

/** By the names of the row's figures. */
export type Measured = Readonly<Record<string, number>>

/** One line of the table: a load and what is measured under it. */
export interface Row {
  /** For `--only`. */
  name: string
  title: string
  figures: readonly Figure[]
  /** Runs the load once against fresh nodes. */
  run(context: RunContext): Promise<Measured>
}

export const sizeOf = ({ quick }: Pick<RunContext, 'quick'>, full: number, small: number): number =>
  quick ? small : full

export function reaches(goal: Goal, value: number): boolean {
  switch (goal.kind) {
    case 'at most':
      return value <= goal.value
    case 'below':
      return value < goal.value
    case 'at least':
      return value >= goal.value
  }
}

/** One thing wrong with the configuration, told so that its owner can mend it without reading code. */
export interface ConfigProblem {
  /** Dotted path of the key, or the name of the file or variable when there is none. */
  path: string
  /** File name, environment variable or flag the value came from. */
  source: string
  /** What is wrong and what to do. Never holds a secret's value. */
  message: string
}

/** All problems at once: nobody should have to start a node five times to learn five mistakes. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
    super([`The configuration has ${count}:`, ...problems.map(toLine)].join('\n'))
    this.name = 'ConfigError'
    this.problems = problems
  }
}

function toLine({ path, source, message }: ConfigProblem): string {
  return path === source ? `  ${path}: ${message}` : `  ${path} (${source}): ${message}`
}

/** The closest of the known names, when it is close enough to be a slip of the hand. */
export function didYouMean(name: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best && best.distance <= Math.max(2, Math.floor(name.length / 3)) ? best.candidate : undefined
}

function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (const [row, letter] of [...a].entries()) {
    const line = [row + 1]
    for (let column = 1; column <= b.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (letter === b[column - 1] ? 0 : 1)
      line.push(Math.min(replaced, (above[column] ?? 0) + 1, (line[column - 1] ?? 0) + 1))
    }
    above = line
  }
  return above[b.length] ?? 0
}

import { execFileSync } from 'node:child_process'
import { cpus, release, totalmem, type } from 'node:os'

export interface Machine {
  cpu: string
  cores: number
  memoryGib: number
  system: string
  node: string
  /** Abbreviated commit, with `+` when files were changed since. */
  commit: string
}

export function describeMachine(): Machine {
  const found = cpus()
  return {
    cpu: found[0]?.model ?? 'unknown',
    cores: found.length,
    memoryGib: Math.round(totalmem() / 1024 ** 3),
    system: `${type()} ${release()}`,
    node: process.version,
    commit: describeCommit(),
  }
}

function describeCommit(): string {
  try {
    const git = (...words: string[]) => execFileSync('git', words, { encoding: 'utf8', stdio: 'pipe' }).trim()
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--', 'node') === '' ? '' : '+')
  } catch {
    return 'unknown'
  }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface Child {
  readonly process: ChildProcess
  /** Its output so far, complete once `ended` has settled. */
  readonly lines: readonly string[]
  /** Settles when it has printed so many lines; rejects when it ends before. */
  printed(count: number): Promise<void>
  /** Settles when it has ended and all its output was read. */
  readonly ended: Promise<void>
}

/** Runs a script beside this file in a process of its own. */
export function startChild(script: string, args: readonly string[], options: { uid?: number } = {}): Child {
  const file = fileURLToPath(new URL(script, import.meta.url))
  const ids = options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }
  const child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'inherit'], ...ids })
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => lines.push(line))
  const ended = Promise.all([once(child, 'exit'), once(reader, 'close')]).then(() => {})

  async function printed(count: number): Promise<void> {
    let isOver = false
    void ended.then(() => (isOver = true))
    while (lines.length < count) {
      if (isOver) throw new Error(`${script} ended after ${lines.length} lines: ${lines.at(-1)}`)
      await Promise.race([once(reader, 'line'), ended])
    }
  }

  return { process: child, lines, printed, ended }
}

import { styleText } from 'node:util'

/** Prints what happens, as a person would like to watch it, and times it. */
export interface Stage {
  chapter(title: string): void
  /** Does it and says so; `detail` makes a note of the result. A failure is shown and thrown on. */
  step<T>(title: string, work: () => Promise<T>, detail?: (result: T) => string): Promise<T>
  note(text: string): void
  /** Milliseconds since the beginning. */
  elapsedMs(): number
}

const TITLE_WIDTH = 66
const TIME_WIDTH = 8

export function createStage(write: (text: string) => void = (text) => process.stdout.write(text)): Stage {
  const began = performance.now()
  let chapters = 0

  return {
    chapter(title) {
      chapters += 1
      write(`\n${styleText('bold', `${chapters}  ${title}`)}\n`)
    },
    async step(title, work, detail) {
      const since = performance.now()
      try {
        const result = await work()
        const time = formatTime(performance.now() - since).padStart(TIME_WIDTH)
        const note = detail === undefined ? '' : `  ${styleText('dim', detail(result))}`
        write(`   ${styleText('green', '✓')} ${title.padEnd(TITLE_WIDTH)}${time}${note}\n`)
        return result
      } catch (error) {
        write(`   ${styleText('red', '✗')} ${title}\n`)
        throw error
      }
    },
    note: (text) => write(`${styleText('dim', text.replaceAll(/^/gm, '     '))}\n`),
    elapsedMs: () => performance.now() - began,
  }
}

export function formatTime(timeMs: number): string {
  if (timeMs < 10) return `${timeMs.toFixed(1)} ms`
  return timeMs < 1000 ? `${Math.round(timeMs)} ms` : `${(timeMs / 1000).toFixed(1)} s`
}

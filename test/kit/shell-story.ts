import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

/** What curl got in one block of a page, from its last request. */
export interface ShellAnswer {
  status: number
  headers: ReadonlyMap<string, string>
  body: string
}

/** Undefined where a block asked nothing. */
export type StoryAnswers = readonly (ShellAnswer | undefined)[]

export interface ShellStoryOptions {
  /** Run in one bash, one after another, as a reader would paste them. */
  blocks: readonly string[]
  /** Working directory of the commands. */
  cwd: string
  /** An empty directory for what curl gets. */
  scratch: string
}

/** Puts every answer aside as well as on standard output, where the block may take something out of it. */
const CURL = `
curl() {
  : >"$story/body"
  command curl -D "$story/headers" -o "$story/body" "$@" || return
  cat "$story/body"
}`

/** Throws with what was said when a command fails. */
export async function runShellStory({ blocks, cwd, scratch }: ShellStoryOptions): Promise<StoryAnswers> {
  const script = join(scratch, 'story.sh')
  const places = blocks.map((_, index) => join(scratch, String(index)))
  for (const place of places) mkdirSync(place)
  const steps = blocks.map((block, index) => `story=${quoted(places[index] ?? '')}\n${block}`)
  writeFileSync(script, `set -euo pipefail\n${CURL}\n${steps.join('\n')}`)

  const child = spawn('bash', [script], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close')
  const [said, complaints] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = await ended
  if (code !== 0) throw new Error(`The story ended with ${String(code)}: ${complaints}\n${said.slice(-2_000)}`)
  return places.map(answerIn)
}

const quoted = (path: string): string => `'${path.replaceAll("'", `'\\''`)}'`

function answerIn(place: string): ShellAnswer | undefined {
  const headers = join(place, 'headers')
  if (!existsSync(headers)) return undefined
  const body = join(place, 'body')
  return { ...parseHead(readFileSync(headers, 'utf8')), body: existsSync(body) ? readFileSync(body, 'utf8') : '' }
}

/** Status line and headers, as curl writes them and as pages show them. */
export function parseHead(head: string): Pick<ShellAnswer, 'status' | 'headers'> {
  const [statusLine = '', ...lines] = head.trim().split(/\r?\n/)
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
  })
  return { status: Number(statusLine.split(' ')[1]), headers: new Map(headers) }
}

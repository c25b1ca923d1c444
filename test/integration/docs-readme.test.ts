import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { codeBlocksOf, readSource } from '../kit/markdown.ts'
import { tempDir, type TempDir } from '../kit/temp-dir.ts'
import { until } from '../kit/until.ts'

// README.md as a newcomer follows it: the two nodes it starts, and everything below "Try it", word for word but for where the
// nodes keep their data and which ports they take.

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url))
const START_MS = 30_000

/** Nothing of this computer's own configuration; no other node of the network may come near. */
const environment = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^openguild/i.test(name))),
  OPENGUILD_SERVER__P2P__LAN: 'false',
})

const shell = (command: string): ChildProcess =>
  spawn('bash', ['-euo', 'pipefail', '-c', command], {
    cwd: REPOSITORY,
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that what npm starts ends with it.
    detached: true,
  })

describe.skipIf(process.platform === 'win32')('README.md', () => {
  it('its first steps bring a guild from one node to the other', { timeout: 120_000 }, async () => {
    const home = tempDir()
    const page = readSource('README.md')
    const starts = [...page.matchAll(/^npm start -- --headless .*$/gm)].map(([command]) => command)
    const nodes = await Promise.all(starts.map((command) => startAsWritten(command, home)))

    const said = await runAsWritten(tryItOf(page), { home, nodes })

    expect(nodes).toHaveLength(2)
    expect(said).toContain('"name":"general"')
    expect(said).toMatch(/^Joined Our guild \([0-9a-f-]{36}\)$/m)
    expect(said).toMatch(/^members +2 on 2 nodes$/m)
    expect(said).toMatch(/^ +general +[0-9a-f-]{36} +0 +complete$/m)
  })
})

function tryItOf(page: string): string {
  const [, section = ''] = page.split('\n## Try it\n')
  return codeBlocksOf(section)[0]?.text ?? ''
}

interface StartedNode {
  /** As the page has it: `localhost:8081`. */
  written: string
  /** Where it really answers. */
  address: string
}

const inHome = (command: string, home: TempDir): string =>
  command.replaceAll(/--data-dir \.\/(\w+)/g, (_, name: string) => `--data-dir '${home.file(name)}'`)

async function startAsWritten(command: string, home: TempDir): Promise<StartedNode> {
  const child = shell(inHome(command, home).replace(/--port \d+/, '--bind-addr 127.0.0.1:0'))
  onTestFinished(() => endGroup(child))
  let said = ''
  child.stdout?.on('data', (part: Buffer) => (said += part.toString()))
  child.stderr?.on('data', (part: Buffer) => (said += part.toString()))
  await until(() => apiOf(said) !== undefined || child.exitCode !== null, {
    timeoutMs: START_MS,
    describe: () => said,
  })
  const address = apiOf(said)
  if (address === undefined) throw new Error(`"${command}" ended:\n${said}`)
  return { written: `localhost:${/--port (\d+)/.exec(command)?.[1] ?? ''}`, address }
}

const apiOf = (said: string): string | undefined => /^api +http:\/\/(\S+)$/m.exec(said)?.[1]

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return
  process.kill(-child.pid, 'SIGTERM')
  await once(child, 'close')
}

async function runAsWritten(block: string, place: { home: TempDir; nodes: readonly StartedNode[] }): Promise<string> {
  const command = place.nodes.reduce(
    (commands, { written, address }) => commands.replaceAll(written, address),
    inHome(block, place.home),
  )
  const child = shell(command)
  const { stdout, stderr } = child
  if (stdout === null || stderr === null) throw new Error('The shell has no output')
  const [said, complaints, [code]] = await Promise.all([text(stdout), text(stderr), once(child, 'close')])
  if (code !== 0) throw new Error(`"Try it" ended with ${String(code)}: ${complaints}\n${said}`)
  return said
}

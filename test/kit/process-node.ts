import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { type NodeStatusBody, nodeStatusSchema } from '../../node/api/admin/status.ts'
import { ask } from './client.ts'
import { until } from './until.ts'

const CLI = fileURLToPath(new URL('../../node/openguild.mjs', import.meta.url))
const START_MS = 20_000
/** What the issue grants a node for finishing. */
const STOP_MS = 5_000
const CHANNELS = ['pipe', 'pipe', 'pipe'] as const

export type Settings = Readonly<Record<string, string>>

export interface ProcessNodeOptions {
  dataDir: string
  /** Configuration by its path: `{ 'p2p.gossip': 'false' }`; goes in as environment. */
  settings?: Settings
  /** Further flags of `openguild start`. */
  flags?: readonly string[]
}

/** How a process ended. */
export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
  tookMs: number
}

/** The node of one data directory, as a process of its own; killed when it is disposed. */
export interface ProcessNode extends AsyncDisposable {
  readonly dataDir: string
  /** Base URL of the API; another one after each start. Throws while the node is not running. */
  address(): string
  pid(): number
  /** Until it says that it is running. Throws with its output when it ends before. */
  start(): Promise<void>
  /** SIGKILL, and nothing of it left. */
  kill9(): Promise<void>
  /** Asks it to end and waits; throws when that takes longer than a node may. */
  stop(signal?: 'SIGTERM' | 'SIGINT'): Promise<Exit>
  /** A signal and nothing else. */
  signal(name: NodeJS.Signals): void
  /** Settles when the process that runs now has ended. */
  exited(): Promise<Exit>
  /** Standard output and error of every start so far. */
  output(): string
  /** Runs `openguild` against this data directory. */
  openguild(...words: string[]): Promise<Finished>
  status(): Promise<NodeStatusBody>
}

export interface Finished {
  code: number | null
  stdout: string
  stderr: string
}

interface Running {
  child: ChildProcess
  ended: Promise<Exit>
  stdout: string
}

/** Made, not started. Free ports everywhere; nothing of this environment's own configuration reaches it. */
export function createProcessNode({ dataDir, settings = {}, flags = [] }: ProcessNodeOptions): ProcessNode {
  mkdirSync(dataDir, { recursive: true })
  const env = environment(settings)
  let running: Running | undefined
  let output = ''

  function current(): Running {
    if (running === undefined) throw new Error(`The node in ${dataDir} is not running`)
    return running
  }

  async function start(): Promise<void> {
    if (running !== undefined) throw new Error(`The node in ${dataDir} is running already`)
    const bind = ['--bind-addr', '127.0.0.1:0', '--data-dir', dataDir]
    const child = spawn(process.execPath, [CLI, 'start', '--headless', ...bind, ...flags], {
      env,
      cwd: dataDir,
      stdio: [...CHANNELS],
    })
    const made: Running = { child, ended: exitOf(child), stdout: '' }
    running = made
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      made.stdout += part
      output += part
    })
    child.stderr.setEncoding('utf8').on('data', (part: string) => (output += part))
    void made.ended.then(() => {
      if (running === made) running = undefined
    })
    await until(() => apiOf(made.stdout) !== undefined || running !== made, {
      timeoutMs: START_MS,
      describe: () => output,
    })
    if (running !== made) throw new Error(`The node ended while it started:\n${output}`)
  }

  async function kill9(): Promise<void> {
    const { child, ended } = current()
    child.kill('SIGKILL')
    await ended
  }

  const address = () => {
    const found = apiOf(current().stdout)
    if (found === undefined) throw new Error(`The node in ${dataDir} has not said where it listens`)
    return found
  }

  return {
    dataDir,
    address,
    pid: () => current().child.pid ?? -1,
    start,
    kill9,
    async stop(signal = 'SIGTERM') {
      const { child, ended } = current()
      const since = performance.now()
      child.kill(signal)
      const exit = await ended
      const tookMs = performance.now() - since
      if (tookMs > STOP_MS) throw new Error(`The node took ${Math.round(tookMs)} ms to stop:\n${output}`)
      return { ...exit, tookMs }
    },
    signal: (name) => void current().child.kill(name),
    exited: () => current().ended,
    output: () => output,
    openguild: (...words) => runOpenguild([...words, '--data-dir', dataDir], { cwd: dataDir }),
    async status() {
      const token = readFileSync(join(dataDir, 'admin-token'), 'utf8').trim()
      const answer = await ask(address(), 'GET', '/admin/v1/status', { token })
      return nodeStatusSchema.parse(JSON.parse(answer.text))
    },
    async [Symbol.asyncDispose]() {
      if (running !== undefined) await kill9()
    },
  }
}

/** The same, started. */
export async function startProcessNode(options: ProcessNodeOptions): Promise<ProcessNode> {
  const node = createProcessNode(options)
  try {
    await node.start()
    return node
  } catch (error) {
    await node[Symbol.asyncDispose]()
    throw error
  }
}

interface RunOptions {
  cwd: string
  settings?: Settings
  /** It is killed then. */
  timeoutMs?: number
}

/** One `openguild …` to its end. */
export const runOpenguild = (words: readonly string[], options: RunOptions): Promise<Finished> =>
  runNode([CLI, ...words], options)

/** One `node …` to its end. */
export async function runNode(
  words: readonly string[],
  { cwd, settings = {}, timeoutMs = START_MS }: RunOptions,
): Promise<Finished> {
  const env = environment(settings)
  const child = spawn(process.execPath, [...words], { env, cwd, stdio: [...CHANNELS], timeout: timeoutMs })
  const [stdout, stderr, { code }] = await Promise.all([text(child.stdout), text(child.stderr), exitOf(child)])
  return { code, stdout, stderr }
}

async function exitOf(child: ChildProcess): Promise<Exit> {
  const since = performance.now()
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, signal, tookMs: performance.now() - since }
}

const apiOf = (stdout: string): string | undefined => /^api +(\S+)$/m.exec(stdout)?.[1]

/** The parent's without any OpenGuild configuration in it. */
function environment(settings: Settings): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.toUpperCase().startsWith('OPENGUILD'))
  const own = Object.entries(settings).map(([path, value]) => [
    `OPENGUILD_SERVER__${path.replaceAll('.', '__').toUpperCase()}`,
    value,
  ])
  return Object.fromEntries([...inherited, ...own])
}

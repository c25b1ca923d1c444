import { parse } from 'smol-toml'
import { parseConfig } from '../../node/config/parse.ts'
import { createNode } from '../../node/index.ts'
import { recordingLogger } from './log.ts'
import { codeBlocksOf, type CodeBlock, readSource } from './markdown.ts'
import { runShellStory, type ShellAnswer } from './shell-story.ts'
import { tempDir } from './temp-dir.ts'

/** A command of the page with the answer shown below it, and the one that came. */
export interface ApiStep {
  command: string
  line: number
  /** Undefined for commands that only set something up. */
  shown: string | undefined
  answer: ShellAnswer | undefined
}

export interface ApiStory {
  steps: readonly ApiStep[]
  /** `GET /guilds`: what was asked, by the node's own log. */
  asked: ReadonlySet<string>
  /** The same of everything the node serves, sockets included. */
  served: readonly string[]
}

export const API_PAGE = readSource('docs/API.md')

/** Runs every command of `docs/API.md` against a node configured as the page says, on a port and a directory of the test's. */
export async function playApiPage(): Promise<ApiStory> {
  const blocks = codeBlocksOf(API_PAGE)
  const home = tempDir()
  const log = recordingLogger()
  const node = await createNode({ ...configOf(blocks, home.file('data')), log })
  await node.start()
  try {
    const commands = blocks.filter(({ language }) => language === 'sh')
    const here = (text: string) =>
      text.replace('http://127.0.0.1:8080', node.apiAddress).replace('~/.local/share/openguild', node.dataDir)
    const scripts = commands.map(({ text }) => here(text))
    const answers = await runShellStory({ blocks: scripts, cwd: home.path, scratch: home.path })
    return {
      steps: commands.map((command, index) => ({
        command: command.text,
        line: command.line,
        shown: shownBelow(command, blocks),
        answer: answers[index],
      })),
      asked: new Set(log.lines.map(({ fields }) => `${String(fields['method'])} ${String(fields['route'])}`)),
      served: await servedBy(node.apiAddress),
    }
  } finally {
    await node.stop()
  }
}

function configOf(blocks: readonly CodeBlock[], dataDir: string) {
  const [settings] = blocks.filter(({ language }) => language === 'toml')
  return parseConfig({
    ...parse(settings?.text ?? ''),
    data_dir: dataDir,
    bind_addr: '127.0.0.1:0',
    p2p: { lan: false },
    log_file: { enabled: false },
  })
}

function shownBelow(command: CodeBlock, blocks: readonly CodeBlock[]): string | undefined {
  const next = blocks[blocks.indexOf(command) + 1]
  return next?.language === 'http' ? next.text : undefined
}

async function servedBy(api: string): Promise<string[]> {
  const answer = await fetch(`${api}/openapi.json`)
  const { paths } = (await answer.json()) as { paths: Record<string, Record<string, unknown>> }
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((key) => key !== 'servers')
      .map((method) => `${method.toUpperCase()} ${path}`),
  )
}

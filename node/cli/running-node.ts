import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { messageOf } from '../base/errors.ts'
import { apiAddressPath } from '../config/data-dir.ts'
import type { LoadedConfig } from '../config/load.ts'
import { adminTokenPath } from '../config/secrets.ts'

/** What the user did wrong or has to do first; printed without a stack. */
export class CommandError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'CommandError'
  }
}

export interface RunningNode {
  /** Gives the parsed answer, or undefined when it is empty. Throws `CommandError` with the node's own words. */
  call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<unknown>
}

/** The node that runs on this data directory. Throws `CommandError` when there is none. */
export async function findRunningNode({ config, secrets }: LoadedConfig): Promise<RunningNode> {
  const address = await readKept(apiAddressPath(config.data_dir))
  if (address === undefined) throw notRunning(config.data_dir)
  const token = secrets.adminToken ?? (await readKept(adminTokenPath(config.data_dir)))
  return {
    async call(method, path, body) {
      const response = await fetch(`${address}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }).catch((error: unknown) => {
        throw notRunning(config.data_dir, messageOf(error))
      })
      return readAnswer(response)
    },
  }
}

async function readAnswer(response: Response): Promise<unknown> {
  const text = await response.text()
  if (response.ok) return text === '' ? undefined : JSON.parse(text)
  throw new CommandError(readRefusal(text) ?? `The node answered ${response.status} ${response.statusText}`)
}

function readRefusal(text: string): string | undefined {
  try {
    const { error, message, details = [] } = JSON.parse(text)
    const fields = details.map((detail: { field: string; message: string }) => `  ${detail.field} ${detail.message}`)
    return [`${message} (${error})`, ...fields].join('\n')
  } catch {
    return undefined
  }
}

async function readKept(path: string): Promise<string | undefined> {
  return existsSync(path) ? (await readFile(path, 'utf8')).trim() : undefined
}

function notRunning(dataDir: string, reason?: string): CommandError {
  const why = reason === undefined ? '' : ` (${reason})`
  return new CommandError(
    `No node runs on ${dataDir}${why}. Start it with \`npm start\`, or name its directory with --data-dir.`,
  )
}

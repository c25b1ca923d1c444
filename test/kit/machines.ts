import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createProcessNode, type ProcessNode, type ProcessNodeOptions } from './process-node.ts'

/** Computers with a node each; disposing ends all of them and removes what they kept. */
export interface Machines extends AsyncDisposable {
  readonly nodes: readonly ProcessNode[]
  /** A path in their common temporary directory. */
  file(name: string): string
  /** A node that keeps its data under this name; not started. */
  add(name: string, options?: Omit<ProcessNodeOptions, 'dataDir'>): ProcessNode
  /** The same, started. */
  start(name: string, options?: Omit<ProcessNodeOptions, 'dataDir'>): Promise<ProcessNode>
}

/** Nobody on this network is found or let in, and posting is not limited. For most tests. */
export const ALONE = {
  'p2p.lan': 'false',
  'messaging.max_messages_per_user_per_window': '1000000',
  'messaging.max_messages_per_ip_per_window': '1000000',
  'limits.login_attempts_per_window': '100000',
}

export function createMachines(settings: Readonly<Record<string, string>> = ALONE): Machines {
  const directory = mkdtempDisposableSync(join(tmpdir(), 'openguild-machines-'))
  const nodes: ProcessNode[] = []
  const file = (name: string) => join(directory.path, name)

  function add(name: string, options: Omit<ProcessNodeOptions, 'dataDir'> = {}): ProcessNode {
    const node = createProcessNode({ ...options, dataDir: file(name), settings: { ...settings, ...options.settings } })
    nodes.push(node)
    return node
  }

  return {
    nodes,
    file,
    add,
    async start(name, options) {
      const node = add(name, options)
      await node.start()
      return node
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()))
      directory.remove()
    },
  }
}

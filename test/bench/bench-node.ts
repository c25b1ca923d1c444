import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ask } from '../kit/client.ts'
import { createProcessNode, type ProcessNode, type Settings } from '../kit/process-node.ts'

/** Figures a node gives about itself, by their name in `/metrics`; those with labels once for each. */
export type NodeMetrics = ReadonlyMap<string, number>

export interface BenchNode extends ProcessNode {
  metrics(): Promise<NodeMetrics>
  /** PUT, POST or DELETE of the admin API; throws for anything but success. */
  admin(method: string, path: string, body?: unknown): Promise<void>
  /** Resident memory now, in bytes. */
  residentBytes(): number
  /** Of the database and what belongs to it. */
  databaseBytes(): number
}

/** What keeps one client from being a load. All else is as a node comes. */
const RAISED: Settings = {
  'messaging.max_messages_per_user_per_window': '1000000',
  'messaging.max_messages_per_ip_per_window': '1000000',
  'messaging.rate_limit_window_secs': '1',
  'limits.login_attempts_per_window': '1000000',
  'limits.ws_max_sockets': '100000',
  'limits.ws_max_sockets_per_user': '100000',
  // The listeners of the load do not answer pings.
  'limits.ws_ping_interval_secs': '3600',
  'limits.ws_idle_timeout_secs': '86400',
  'metrics.enabled': 'true',
  'p2p.lan': 'false',
  'p2p.mdns': 'false',
}

export function createBenchNode(dataDir: string, settings: Settings = {}): BenchNode {
  const node = createProcessNode({ dataDir, settings: { ...RAISED, ...settings } })
  return {
    ...node,
    async metrics() {
      return parseMetrics((await ask(node.address(), 'GET', '/metrics')).text)
    },
    async admin(method, path, body) {
      const token = readFileSync(join(dataDir, 'admin-token'), 'utf8').trim()
      const answer = await ask(node.address(), method, `/admin/v1${path}`, { token, body })
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`)
    },
    residentBytes() {
      const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${node.pid()}/status`, 'utf8'))?.[1]
      return Number(kib) * 1024
    },
    databaseBytes: () => sizeOfDatabase(dataDir),
  }
}

export async function startBenchNode(dataDir: string, settings: Settings = {}): Promise<BenchNode> {
  const node = createBenchNode(dataDir, settings)
  await node.start()
  return node
}

export function sizeOfDatabase(dataDir: string): number {
  return ['', '-wal', '-shm']
    .map((suffix) => join(dataDir, `openguild.db${suffix}`))
    .filter((path) => existsSync(path))
    .reduce((total, path) => total + statSync(path).size, 0)
}

function parseMetrics(text: string): NodeMetrics {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space), Number(line.slice(space + 1))]
    }),
  )
}

/** 99th percentile of the delay of the node's event loop since it was last asked, in milliseconds. */
export async function readLoopDelayMs(node: BenchNode): Promise<number> {
  const seconds = (await node.metrics()).get('openguild_event_loop_delay_seconds{quantile="0.99"}')
  if (seconds === undefined) throw new Error('The node does not tell the delay of its event loop')
  return seconds * 1000
}

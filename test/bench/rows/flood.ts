import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type BenchNode, readLoopDelayMs } from '../bench-node.ts'
import { type Row, sizeOf } from '../row.ts'
import { holdingOf, startTown, type Town, untilEqual } from '../town.ts'

const PATIENCE_MS = 120_000
/** What the flood left in queues and buffers counts as flood too. */
const AFTERMATH_MS = 1_000
const SCRIPT = fileURLToPath(new URL('../flood-peer.ts', import.meta.url))

export const flood: Row = {
  name: 'flood',
  title: 'Gossip flood from one peer',
  figures: [
    { name: 'loop_delay_p99_ms', label: 'loop delay, p99', unit: 'ms', goal: { kind: 'at most', value: 60 } },
    { name: 'lost', label: 'events lost after sync', unit: '', goal: { kind: 'at most', value: 0 } },
    { name: 'flood_per_second', label: 'flood', unit: '/s' },
    { name: 'idle_delay_p99_ms', label: 'loop delay before, p99', unit: 'ms' },
  ],
  async run(context) {
    await using town = await startTown(join(context.workDir, 'town'), 2)
    const count = sizeOf(context, 20_000, 3_000)
    const measured = await floodFrom(town, count)
    await town.node(1).start()
    await untilEqual(
      town.residents.map(({ node }) => node),
      town.guildId,
      PATIENCE_MS,
    ).catch(() => {})
    return { ...measured, lost: await countLost(town) }
  },
}

/** The second node stops, and the flooder comes in its name. */
async function floodFrom(town: Town, count: number) {
  const victim = town.node(0)
  const { peer_id: victimId, p2p_addresses: addresses } = await victim.status()
  const [, flooder] = town.residents
  await flooder?.node.stop()
  const words = [flooder?.node.dataDir, town.guildId, town.channelId, flooder?.client.userId, count, victimId]
  const peer = startPeer([...words, addresses[0]?.split('/p2p/')[0]].map(String))
  try {
    await peer.said('ready')
    const idleDelay = await delayWhile(victim, () => sleep(AFTERMATH_MS))
    let seconds = 0
    const delay = await delayWhile(victim, async () => {
      const startedAt = performance.now()
      peer.tell()
      await peer.said('flooded')
      seconds = (performance.now() - startedAt) / 1000
      await sleep(AFTERMATH_MS)
    })
    peer.tell()
    await peer.ended
    return { loop_delay_p99_ms: delay, flood_per_second: count / seconds, idle_delay_p99_ms: idleDelay }
  } finally {
    peer.kill()
  }
}

async function delayWhile(node: BenchNode, work: () => Promise<void>): Promise<number> {
  await readLoopDelayMs(node)
  await work()
  return readLoopDelayMs(node)
}

async function countLost(town: Town): Promise<number> {
  const [victim, author] = await Promise.all([0, 1].map((index) => holdingOf(town.node(index), town.guildId)))
  return (author?.events ?? Number.NaN) - (victim?.events ?? 0)
}

function startPeer(words: readonly string[]) {
  const child: ChildProcess = spawn(process.execPath, [SCRIPT, ...words], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const heard: string[] = []
  if (child.stdout === null) throw new Error('The flooder has no output')
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => heard.push(line))
  return {
    ended,
    async said(word: string): Promise<void> {
      while (!heard.includes(word)) {
        const over = await Promise.race([once(lines, 'line').then(() => false), ended.then(() => true)])
        if (over) throw new Error(`The flooder ended before it was ${word}`)
      }
    },
    tell: () => void child.stdin?.write('go\n'),
    kill: () => void child.kill(),
  }
}

import { sizeOfDatabase, startBenchNode } from '../bench-node.ts'
import { openHttpConnection } from '../load/http-connection.ts'
import { type Row, type RunContext, sizeOf } from '../row.ts'
import { logIn } from '../account.ts'
import { latencyFigures } from '../statistics.ts'
import { openStoredGuild } from '../stored-guild.ts'

const FULL = 1_000_000
const QUICK = 50_000
const PAGE = 50

const largeGuild = (context: RunContext) => openStoredGuild(context, sizeOf(context, FULL, QUICK))

export const page: Row = {
  name: 'page',
  title: `Page of ${PAGE} messages at 1 000 000 messages`,
  figures: [
    { name: 'p50_ms', label: 'p50', unit: 'ms' },
    { name: 'p99_ms', label: 'p99', unit: 'ms', goal: { kind: 'at most', value: 5 } },
  ],
  async run(context) {
    const { dataDir, channelId, messages, username } = await largeGuild(context)
    await using node = await startBenchNode(dataDir)
    const connection = await openHttpConnection(node.address(), await logIn(node.address(), username))
    const latencies: number[] = []
    const requests = sizeOf(context, 4_000, 1_000)
    for (let index = 0; index < requests; index += 1) {
      // Every other page is the newest one, as a client that opens the channel asks for it.
      const since = index % 2 === 0 ? '' : `&since=${Math.floor(Math.random() * (messages - PAGE))}`
      const startedAt = performance.now()
      const answer = await connection.get(`/channels/${channelId}/events?limit=${PAGE}${since}`)
      if (answer.status !== 200) throw new Error(`A page was answered with ${answer.status} ${answer.body}`)
      if (index >= requests / 10) latencies.push(performance.now() - startedAt)
    }
    connection.close()
    await node.stop()
    return latencyFigures(latencies)
  },
}

export const databaseSize: Row = {
  name: 'size',
  title: 'Database, all indexes, for a message of 200 characters',
  figures: [{ name: 'bytes', label: 'bytes', unit: 'B', goal: { kind: 'below', value: 2_000 } }],
  async run(context) {
    const { dataDir, messages, emptyBytes } = await largeGuild(context)
    return { bytes: (sizeOfDatabase(dataDir) - emptyBytes) / messages }
  },
}

export const start: Row = {
  name: 'start',
  title: 'Start to /ready with 1 000 000 events',
  figures: [{ name: 'seconds', label: 'from starting the process', unit: 's', goal: { kind: 'at most', value: 1 } }],
  async run(context) {
    const { dataDir } = await largeGuild(context)
    const startedAt = performance.now()
    await using node = await startBenchNode(dataDir)
    const answer = await (await fetch(`${node.address()}/ready`)).text()
    const seconds = (performance.now() - startedAt) / 1000
    if (!answer.startsWith('{"status":"ready"')) throw new Error(`The node is not ready: ${answer}`)
    await node.stop()
    return { seconds }
  },
}

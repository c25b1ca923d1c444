import { join } from 'node:path'
import { type Client, signUp } from '../kit/client.ts'
import type { Settings } from '../kit/process-node.ts'
import { type BenchNode, startBenchNode } from './bench-node.ts'
import type { Place } from './load/posting.ts'

/** A node and its one user. */
export interface Resident {
  node: BenchNode
  client: Client
}

/** One guild with one channel on several nodes, a member on each, all connected. The first one made it. */
export interface Town extends AsyncDisposable {
  readonly residents: readonly Resident[]
  readonly guildId: string
  readonly channelId: string
  /** An invite link that still admits. */
  readonly link: string
  placeOf(index: number): Place
  /** Throws when there is no such node. */
  node(index: number): BenchNode
}

const INVITE_USES = 1_000
const CONNECT_MS = 60_000

export async function startTown(workDir: string, size: number, settings: Settings = {}): Promise<Town> {
  const residents: Resident[] = []
  const dispose = async () => void (await Promise.all(residents.map(({ node }) => end(node))))
  try {
    const founder = await settle(join(workDir, 'node-0'), 'user-0', settings)
    residents.push(founder)
    const { guild_id: guildId } = await founder.client.createGuild('Bench')
    const { channel_id: channelId } = await founder.client.createChannel(guildId, 'general')
    const { link } = await founder.client.invite(guildId, { max_uses: INVITE_USES })
    for (let index = 1; index < size; index += 1) {
      const resident = await settle(join(workDir, `node-${index}`), `user-${index}`, settings)
      residents.push(resident)
      await resident.client.join(link)
    }
    const nodes = residents.map(({ node }) => node)
    // Only who has heard of the joins knows whom to keep in touch with.
    await untilEqual(nodes, guildId, CONNECT_MS)
    await untilMeshed(nodes)
    const at = (index: number): Resident => {
      const resident = residents[index]
      if (resident === undefined) throw new Error(`There is no node ${index}`)
      return resident
    }
    return {
      residents,
      guildId,
      channelId,
      link,
      node: (index) => at(index).node,
      placeOf: (index) => ({ address: at(index).node.address(), channelId, token: at(index).client.token() }),
      [Symbol.asyncDispose]: dispose,
    }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** A node that ends by itself writes its profile; one that does not is killed. */
async function end(node: BenchNode): Promise<void> {
  await node.stop().catch(() => {})
  await node[Symbol.asyncDispose]()
}

async function settle(dataDir: string, username: string, settings: Settings): Promise<Resident> {
  const node = await startBenchNode(dataDir, settings)
  return { node, client: await signUp(() => node.address(), username) }
}

/** What a node holds of the guild. Two nodes with equal ones hold the same events and draw the same law from them. */
export interface Holding {
  events: number
  stateHash: string
  heads: string
}

export async function holdingOf(node: BenchNode, guildId: string): Promise<Holding | undefined> {
  const guild = (await node.status()).guilds.find((entry) => entry.guild_id === guildId)
  if (guild === undefined) return undefined
  const heads = guild.heads.map(({ origin, position, event_id: id }) => `${origin} ${position} ${id}`).sort()
  return { events: guild.events, stateHash: guild.state_hash, heads: heads.join('\n') }
}

/** Waits until all nodes hold the same. Gives how many milliseconds that took. Throws when it takes too long. */
export async function untilEqual(nodes: readonly BenchNode[], guildId: string, timeoutMs: number): Promise<number> {
  const startedAt = performance.now()
  for (;;) {
    const holdings = await Promise.all(nodes.map((node) => holdingOf(node, guildId)))
    const distinct = new Set(holdings.map((holding) => JSON.stringify(holding)))
    if (distinct.size === 1 && !holdings.includes(undefined)) return performance.now() - startedAt
    if (performance.now() - startedAt > timeoutMs) {
      throw new Error(
        `Not equal within ${timeoutMs} ms: ${holdings.map((holding) => holding?.events).join(', ')} events`,
      )
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

/** Each look costs the nodes a status: seldom enough not to matter, often enough for a figure in tenths of a second. */
const LOOK_MS = 25

/** Waits until every node is connected to every other. */
async function untilMeshed(nodes: readonly BenchNode[]): Promise<void> {
  let counts: number[] = []
  const look = async () => {
    counts = await Promise.all(
      nodes.map(async (node) => (await node.status()).peers.filter((peer) => peer.connected).length),
    )
  }
  const deadline = performance.now() + CONNECT_MS
  await look()
  while (counts.some((count) => count < nodes.length - 1)) {
    if (performance.now() > deadline) throw new Error(`Not all connected: ${counts.join(', ')}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS * 4))
    await look()
  }
}

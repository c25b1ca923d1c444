import type { NodeStatusBody } from '../../node/api/admin/status.ts'
import type { Client } from './client.ts'
import type { ProcessNode } from './process-node.ts'

export type GuildFigures = NodeStatusBody['guilds'][number]

const LOOK_MS = 25

/** How the guild stands on one node, by its own word. Throws when the node does not hold it. */
export async function guildOn(node: ProcessNode, guildId: string): Promise<GuildFigures> {
  const { guilds } = await node.status()
  const guild = guilds.find((entry) => entry.guild_id === guildId)
  if (guild === undefined) throw new Error(`The node in ${node.dataDir} does not hold the guild ${guildId}`)
  return guild
}

/**
 * Asks again until the answer holds; fails with the last one. For what processes do in their own time.
 */
export async function untilAnswer<T>(
  askFor: () => Promise<T>,
  holds: (answer: T) => boolean,
  timeoutMs = 15_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const answer = await askFor()
    if (holds(answer)) return answer
    if (performance.now() > deadline) {
      throw new Error(`Not within ${timeoutMs} ms: ${JSON.stringify(answer, undefined, 1)}`)
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

/** Until all nodes hold the same events and the same law of a guild; gives that. */
export async function agreed(
  nodes: readonly ProcessNode[],
  guildId: string,
  timeoutMs?: number,
): Promise<GuildFigures> {
  const look = () => Promise.all(nodes.map((node) => guildOn(node, guildId)))
  const [first] = await untilAnswer(look, isSame, timeoutMs)
  if (first === undefined) throw new Error('There is no node to agree')
  return first
}

function isSame(guilds: readonly GuildFigures[]): boolean {
  const pictures = guilds.map(({ state_hash, heads, events, waiting, lacking }) =>
    JSON.stringify([
      state_hash,
      events,
      waiting,
      lacking,
      heads.map((head) => `${head.event_id} ${head.position}`).sort(),
    ]),
  )
  return new Set(pictures).size === 1 && guilds.every(({ waiting, lacking }) => waiting === 0 && lacking === 0)
}

/** What differs between what two people read in a channel; empty when both read the same, each message once. */
export async function differences(channelId: string, readers: readonly Client[]): Promise<string[]> {
  const histories = await Promise.all(readers.map((reader) => reader.history(channelId)))
  const everything = new Set(histories.flat().map((message) => message.eventId))
  return histories.flatMap((history, index) => {
    const name = readers[index]?.username ?? '?'
    const own = new Set(history.map((message) => message.eventId))
    const lacking = everything.difference(own).size
    const twice = history.length - own.size
    return [
      ...(lacking === 0 ? [] : [`${name} lacks ${lacking} of ${everything.size} messages`]),
      ...(twice === 0 ? [] : [`${name} reads ${twice} messages twice`]),
    ]
  })
}

import type { Client } from '../kit/client.ts'
import { agreed, differences, type GuildFigures, untilAnswer } from '../kit/agreement.ts'
import type { ProcessNode } from '../kit/process-node.ts'
import type { Stage } from './stage.ts'

/** Who plays: the three computers and where it is told. */
export interface Cast {
  stage: Stage
  a: ProcessNode
  b: ProcessNode
  c: ProcessNode
}

/** The guild once Alice has founded it. */
export interface Founded {
  alice: Client
  guildId: string
  channelId: string
}

/** Until all read the same: history may still be coming in after a join. */
export const untilSame = (readers: readonly Client[], channelId: string): Promise<string[]> =>
  untilAnswer(
    () => differences(channelId, readers),
    (found) => found.length === 0,
  )

export function stepAgreed(
  { step }: Stage,
  nodes: readonly ProcessNode[],
  { guildId }: Founded,
): Promise<GuildFigures> {
  return step(
    'all running nodes hold the same events and the same law',
    () => agreed(nodes, guildId, 60_000),
    describeGuild,
  )
}

const describeGuild = ({ events, state_hash }: GuildFigures): string =>
  `${events} events, state ${state_hash.slice(0, 12)}…`

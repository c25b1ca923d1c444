import type { GuildId, UserId } from '../../base/ids.ts'
import { buildEvent } from '../../events/build.ts'
import type { WriteTx } from '../../storage/database.ts'
import { commitEvent } from './commit.ts'
import type { GuildGraph } from './guild-graph.ts'
import type { Author } from './send.ts'
import type { SentEvent } from './types.ts'

export interface GenesisDraft {
  sender: UserId
  username: string
  name: string
  /** 32 hex digits: two guilds of the same name at the same moment are two guilds. */
  nonce: string
}

/** The first event of a guild. It names its own room, so it is built before there is a graph to put it in. */
export function sendGenesis(
  tx: WriteTx,
  openGraph: (guildId: GuildId) => GuildGraph,
  draft: GenesisDraft,
  { author, now }: { author: Author; now: number },
): SentEvent {
  const { event, text } = buildEvent(
    {
      event_type: 'guild.create',
      origin_server: author.origin,
      sender: draft.sender,
      origin_ts: now,
      content: {
        author: { id: draft.sender, username: draft.username },
        log: { position: 1, statement: author.statement },
        name: draft.name,
        nonce: draft.nonce,
      },
    },
    author.signer,
  )
  const graph = openGraph(event.room_id as GuildId)
  const log = graph.openLog(tx, author.origin)
  const stored = commitEvent(tx, graph, { event, text, log, position: 1, isLaw: true, refusal: null })
  return { ...stored, originTs: now }
}

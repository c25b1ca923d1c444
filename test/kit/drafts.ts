import type { LawAct, TimelineAct } from '../../node/events/auth/act.ts'
import type { LawEventType } from '../../node/events/schema/event.ts'
import type { GuildGraph } from './guild-graph.ts'
import { type Person, TEST_EPOCH_MS } from './test-node.ts'

/** When drafts are made unless they say otherwise: long after whatever built the guild. */
export const DRAFT_TIME_MS = TEST_EPOCH_MS + 1_000_000_000

/** A law act nobody has signed, linked or given a place. */
export const lawDraft = <Type extends LawEventType>(
  guild: GuildGraph,
  who: Person,
  type: Type,
  content: LawAct<Type>['content'],
) => ({
  event_type: type,
  sender: who.userId,
  origin_server: who.node.serverName,
  room_id: guild.guildId,
  origin_ts: DRAFT_TIME_MS,
  content,
})

export const messageDraft = (guild: GuildGraph, who: Person, roomId: string): TimelineAct<'message'> => ({
  event_type: 'message',
  sender: who.userId,
  origin_server: who.node.serverName,
  room_id: roomId,
  origin_ts: DRAFT_TIME_MS,
  content: {
    author: { id: who.userId, username: who.username },
    content: 'hello',
    log: { guild_id: guild.guildId },
  },
})

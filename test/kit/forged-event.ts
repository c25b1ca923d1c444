import type { EventId } from '../../node/base/ids.ts'
import { signEvent } from '../../node/events/build.ts'
import type { GuildGraph } from './guild-graph.ts'
import type { Person } from './test-node.ts'

export interface Forgery {
  type?: string
  roomId: string
  position: number
  prev: readonly EventId[]
  auth: readonly EventId[]
  at: number
  content?: Record<string, unknown>
}

/** A rightly signed event whose links, place and clock are what the test says, as a lying node would write it. */
export function forge(guild: Pick<GuildGraph, 'guildId'>, who: Person, forgery: Forgery): string {
  const { type = 'message', roomId, position, prev, auth, at, content } = forgery
  const log = roomId === guild.guildId ? { position } : { position, guild_id: guild.guildId }
  const body = {
    schema_version: 1 as const,
    origin_server: who.node.serverName,
    room_id: roomId,
    event_type: type,
    sender: who.userId,
    origin_ts: at,
    content: content
      ? { ...content, log }
      : { author: { id: who.userId, username: who.username }, content: 'a forgery', log },
    prev_events: prev,
    auth_events: auth,
  }
  return signEvent(body, who.node.signer).text
}

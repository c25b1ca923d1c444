import type { EventId } from '../../node/base/ids.ts'
import { signEvent } from '../../node/events/build.ts'
import type { EventBody } from '../../node/events/wire-form.ts'
import type { GuildGraph } from './guild-graph.ts'
import type { TestEvent } from './node-view.ts'
import type { Person, TestNode } from './test-node.ts'
import { textOf } from './timeline-node.ts'

export interface Forgery {
  type?: string
  roomId: string
  position: number
  prev: readonly EventId[]
  auth: readonly EventId[]
  at: number
  content?: Record<string, unknown>
  /** Beside the position: what the log carries. */
  log?: Record<string, unknown>
}

/** A rightly signed event whose links, place and clock are what the test says, as a lying node would write it. */
export function forge(guild: Pick<GuildGraph, 'guildId'>, who: Person, forgery: Forgery): string {
  const { type = 'message', roomId, position, prev, auth, at, content } = forgery
  const log = { position, ...(roomId === guild.guildId ? {} : { guild_id: guild.guildId }), ...forgery.log }
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

/** The same event, with the same id, signed with the key of this node: what a thief of that key can make. */
export const signedAnew = (event: TestEvent | string, { signer }: Pick<TestNode, 'signer'>): string =>
  signEvent(JSON.parse(textOf(event)) as EventBody, signer).text

import { createHash } from 'node:crypto'
import { type GuildId, guildIdSchema } from '../base/ids.ts'

const PREFIX = '/openguild/guild/'
const SUFFIX = '/1'

/** One topic for each guild: gossipsub bounds the topics of a peer, and channels are many. */
export const topicOf = (guildId: GuildId): string => PREFIX + guildId + SUFFIX

export function guildOfTopic(topic: string): GuildId | undefined {
  if (!topic.startsWith(PREFIX) || !topic.endsWith(SUFFIX)) return undefined
  return guildIdSchema.safeParse(topic.slice(PREFIX.length, -SUFFIX.length)).data
}

/** How the wire form of an event begins (protocol, "Wire form"). */
const WIRE_START = /^\{"schema_version":\d{1,3},"event_id":"(\$[1-9A-HJ-NP-Za-km-z]{32,44})"/
const START_BYTES = 96

/**
 * The event id as the message claims it; whether it is true, receiving decides. Anything else gets a hash, so that two
 * different messages never pass for one.
 */
export function messageIdOf(data: Uint8Array): Uint8Array {
  const claimed = WIRE_START.exec(Buffer.from(data.subarray(0, START_BYTES)).toString('latin1'))?.[1]
  return claimed === undefined ? createHash('sha256').update(data).digest() : Buffer.from(claimed, 'latin1')
}

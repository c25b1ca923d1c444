import { type GuildId, guildIdSchema } from '../base/ids.ts'
import { blake3 } from '../events/id.ts'

const PREFIX = '/openguild/guild/'
const SUFFIX = '/1'

/** One topic for each guild: gossipsub bounds the topics of a peer, and channels are many. */
export const topicOf = (guildId: GuildId): string => PREFIX + guildId + SUFFIX

export function guildOfTopic(topic: string): GuildId | undefined {
  if (!topic.startsWith(PREFIX) || !topic.endsWith(SUFFIX)) return undefined
  return guildIdSchema.safeParse(topic.slice(PREFIX.length, -SUFFIX.length)).data
}

/**
 * BLAKE3 of the message's bytes. Not the event id it claims: gossipsub offers a seen id no second time, so a spoilt copy
 * under a true id would keep the genuine one away for minutes (decision 0007).
 */
export const messageIdOf = (data: Uint8Array): Uint8Array => blake3(data)

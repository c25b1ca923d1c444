import type { GuildId, ServerName } from '../base/ids.ts'
import type { Gossip } from './gossip.ts'
import type { Inbound } from './inbound.ts'
import type { Membership } from './membership.ts'
import type { Scoring } from './scoring.ts'
import { guildOfTopic, topicOf } from './topics.ts'

export interface SubscriptionsDeps {
  self: ServerName
  gossip: Gossip
  inbound: Pick<Inbound, 'take'>
  membership: Pick<Membership, 'guilds' | 'isMember'>
  scoring: Pick<Scoring, 'noteListening'>
}

/**
 * Listens to the guilds this node has a member in, and no longer: who listens to a guild it does not belong to gets no
 * gossip of any guild. Call the result whenever the law may have changed.
 */
export function createSubscriptions({ self, gossip, inbound, membership, scoring }: SubscriptionsDeps): () => void {
  gossip.onSubscription((peer, topic, listens) => {
    const guildId = guildOfTopic(topic)
    if (guildId !== undefined) scoring.noteListening(peer, guildId, listens)
  })

  function subscribe(guildId: GuildId): void {
    gossip.subscribe(topicOf(guildId), (from, data) => inbound.take(guildId, from, data))
  }

  return () => {
    const wanted = new Map(
      membership
        .guilds()
        .filter((guildId) => membership.isMember(guildId, self))
        .map((guildId) => [topicOf(guildId), guildId]),
    )
    const current = new Set(gossip.topics())
    for (const topic of current) if (!wanted.has(topic)) gossip.unsubscribe(topic)
    for (const [topic, guildId] of wanted) if (!current.has(topic)) subscribe(guildId)
  }
}

import { type GossipSub, gossipsub, StrictNoSign, TopicValidatorResult } from '@libp2p/gossipsub'
import type { PeerId } from '@libp2p/interface'
import type { ServerName } from '../base/ids.ts'
import { STRANGER_SCORE, THRESHOLDS } from './scoring.ts'
import { messageIdOf } from './topics.ts'

/** What becomes of a received message: passed on, dropped, or dropped to the discredit of who sent it. */
export type GossipVerdict = 'accept' | 'ignore' | 'reject'

export type GossipValidator = (from: ServerName, data: Uint8Array) => Promise<GossipVerdict> | GossipVerdict

/** The part of gossipsub we use. */
export interface Gossip {
  subscribe(topic: string, validate: GossipValidator): void
  unsubscribe(topic: string): void
  topics(): string[]
  /** Gives the peers it was sent to at once. */
  publish(topic: string, text: string): Promise<ServerName[]>
  /** Told when a peer begins or ceases to listen to a topic. */
  onSubscription(listener: (peer: ServerName, topic: string, listens: boolean) => void): void
}

/** Above it gossipsub gives the stream to a peer up until it reconnects; sync then brings what it missed. */
const MAX_OUTBOUND_BYTES = 8 * 1024 * 1024

const RESULTS: Record<GossipVerdict, TopicValidatorResult> = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
}

/** `scoreOf` is asked about once a second for each peer (gossipsub caches it). */
export function gossipService(scoreOf: (peer: ServerName) => number) {
  return gossipsub({
    globalSignaturePolicy: StrictNoSign,
    msgIdFn: (message) => messageIdOf(message.data),
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    fallbackToFloodsub: false,
    // Groups are small: one hop to everybody beats a mesh in latency, and a page costs no more than an upload of 50 messages.
    floodPublish: true,
    maxOutboundBufferSize: MAX_OUTBOUND_BYTES,
    scoreThresholds: THRESHOLDS,
    scoreParams: {
      appSpecificScore: (peer) => scoreOf(peer as ServerName),
      appSpecificWeight: 1,
      // A household or a LAN party shares one address.
      IPColocationFactorWeight: 0,
      behaviourPenaltyThreshold: -STRANGER_SCORE / 10,
    },
  })
}

export function createGossip(pubsub: GossipSub): Gossip {
  return {
    subscribe(topic, validate) {
      pubsub.topicValidators.set(topic, async (peer, message) => {
        return RESULTS[await validate(nameOf(peer), message.data)]
      })
      pubsub.subscribe(topic)
    },
    unsubscribe(topic) {
      pubsub.unsubscribe(topic)
      pubsub.topicValidators.delete(topic)
    },
    topics: () => pubsub.getTopics(),
    async publish(topic, text) {
      const { recipients } = await pubsub.publish(topic, Buffer.from(text))
      return recipients.map(nameOf)
    },
    onSubscription(listener) {
      pubsub.addEventListener('subscription-change', ({ detail }) => {
        for (const { topic, subscribe } of detail.subscriptions) listener(nameOf(detail.peerId), topic, subscribe)
      })
    },
  }
}

const nameOf = (peer: PeerId): ServerName => peer.toString() as ServerName

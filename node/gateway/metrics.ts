import type { Metrics } from '../base/metrics.ts'
import type { Subscribers } from './subscribers.ts'

/** `no_subscribers` when nobody listened, `dropped` when all who did were too far behind. */
export type FanOutOutcome = 'delivered' | 'no_subscribers' | 'dropped'

export interface GatewayMetrics {
  fannedOut(outcome: FanOutOutcome): void
}

export interface GatewayMetricsDeps {
  metrics: Pick<Metrics, 'counter' | 'gauge'>
  subscribers: Pick<Subscribers, 'queueDepths'>
  openSockets: () => number
}

/** The figures of contract 11.1 that WebSockets have. */
export function createGatewayMetrics({ metrics, subscribers, openSockets }: GatewayMetricsDeps): GatewayMetrics {
  const events = metrics.counter({
    name: 'openguild_messaging_events_total',
    help: 'Channel events by what became of them on WebSockets',
    labels: ['outcome'],
  })
  metrics.gauge({
    name: 'openguild_websocket_queue_depth',
    help: 'Frames the slowest WebSocket of a channel is behind',
    labels: ['channel_id'],
    collect(gauge) {
      gauge.reset()
      for (const [channelId, depth] of subscribers.queueDepths()) gauge.set({ channel_id: channelId }, depth)
    },
  })
  metrics.gauge({
    name: 'openguild_websockets_open',
    help: 'Open WebSockets, channels and notifications together',
    collect: (gauge) => gauge.set(openSockets()),
  })
  return { fannedOut: (outcome) => events.inc({ outcome }) }
}

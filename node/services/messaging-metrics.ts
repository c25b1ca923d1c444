import type { Metrics } from '../base/metrics.ts'

/** Why something a client wanted to say was not taken; the `reason` label of contract 11.1. */
export type MessagingRejection =
  | 'unauthorized'
  | 'guild_name_empty'
  | 'guild_name_length'
  | 'channel_name_empty'
  | 'channel_name_length'
  | 'message_empty'
  | 'message_length'
  | 'sender_mismatch'
  | 'ip_rate_limit'
  | 'message_rate_limit'
  | 'websocket_limit'

/** `openguild_messaging_rejections_total`. */
export interface RejectionMetrics {
  rejected(reason: MessagingRejection): void
}

/** The counter itself; the gateway adds `websocket_limit` and `unauthorized` to the same one. */
export function createRejectionMetrics(metrics: Pick<Metrics, 'counter'>): RejectionMetrics {
  const rejections = metrics.counter({
    name: 'openguild_messaging_rejections_total',
    help: 'What clients wanted to say or hear and could not, by reason',
    labels: ['reason'],
  })
  return { rejected: (reason) => rejections.inc({ reason }) }
}

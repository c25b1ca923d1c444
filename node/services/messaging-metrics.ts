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

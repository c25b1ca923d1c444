import { AppError } from '../base/errors.ts'
import type { ChannelId, UserId } from '../base/ids.ts'
import { countScalars, MAX_MESSAGE_SCALARS, trimWhiteSpace } from '../events/schema/text.ts'
import type { Caller, GuildAccess } from './guild-access.ts'
import type { MessagingRejection, RejectionMetrics } from './messaging-metrics.ts'
import { addressKey, type RateLimiter, type RateVerdict } from './rate-limit.ts'
import type { SentEvent, StoredEvent, Timeline } from './timeline/types.ts'

export interface OutgoingMessage {
  readonly channelId: ChannelId
  /** The author's user id, or blank. */
  readonly sender: string
  readonly text: string
  /** The client's own id for this message: sent again, it gives the first answer. */
  readonly txnId?: string | undefined
}

/** Events are stored in order; without `since` the newest `limit`, with it the oldest `limit` after that sequence. */
export interface PageQuery {
  readonly limit: number
  readonly since?: number | undefined
}

export interface Messages {
  /**
   * Settles when the message is durable. `address` is where the request comes from.
   * Throws `validation_error`, `forbidden`, `rate_limited`, `not_found`, `conflict`, in the order of contract 2.9.
   */
  send(caller: Caller, message: OutgoingMessage, address: string): Promise<SentEvent>
  /** Throws `not_found`. */
  page(userId: UserId, channelId: ChannelId, query: PageQuery): StoredEvent[]
}

export interface MessagesDeps {
  timeline: Pick<Timeline, 'send' | 'page'>
  access: Pick<GuildAccess, 'getChannelSeat'>
  limits: Record<'address' | 'user', Pick<RateLimiter, 'take'>>
  metrics: RejectionMetrics
}

const MIN_PAGE = 1
const MAX_PAGE = 200

export function createMessages({ timeline, access, limits, metrics }: MessagesDeps): Messages {
  function reject(reason: MessagingRejection, error: AppError): never {
    metrics.rejected(reason)
    throw error
  }

  function checkText(raw: string): string {
    const text = trimWhiteSpace(raw)
    if (text === '') reject('message_empty', contentError('must be provided'))
    if (countScalars(text) > MAX_MESSAGE_SCALARS) {
      reject('message_length', contentError(`must have at most ${MAX_MESSAGE_SCALARS} characters`))
    }
    return text
  }

  function checkSender(sender: string, caller: Caller): void {
    const named = trimWhiteSpace(sender)
    if (named === '' || named === caller.userId) return
    reject('sender_mismatch', new AppError('forbidden', 'The sender must be the signed-in user'))
  }

  /** The address is charged even when the user's own limit is used up (contract 2.12). */
  function charge(address: string, userId: UserId): void {
    chargeOne(limits.address.take(addressKey(address)), 'ip_rate_limit')
    chargeOne(limits.user.take(userId), 'message_rate_limit')
  }

  function chargeOne(verdict: RateVerdict, reason: MessagingRejection): void {
    if (verdict.kind === 'allowed') return
    const { retryAfterSecs } = verdict
    reject(reason, new AppError('rate_limited', 'Too many messages; wait a little', { retryAfterSecs }))
  }

  return {
    async send(caller, message, address) {
      const text = checkText(message.text)
      checkSender(message.sender, caller)
      charge(address, caller.userId)
      const { state, channel } = access.getChannelSeat(caller.userId, message.channelId)
      return timeline.send({
        guildId: state.guildId,
        eventType: 'message',
        roomId: channel.id,
        sender: caller.userId,
        content: { author: { id: caller.userId, username: caller.username }, content: text },
        ...(message.txnId === undefined ? {} : { txnId: message.txnId }),
      })
    },
    page(userId, channelId, { limit, since }) {
      access.getChannelSeat(userId, channelId)
      const clamped = Math.min(Math.max(limit, MIN_PAGE), MAX_PAGE)
      return timeline.page(channelId, since === undefined ? { limit: clamped } : { limit: clamped, since })
    },
  }
}

function contentError(message: string): AppError {
  return new AppError('validation_error', `The message ${message}`, { details: [{ field: 'content', message }] })
}

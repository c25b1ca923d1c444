import type { IncomingMessage } from 'node:http'
import type { ChannelId, GuildId, UserId } from '../base/ids.ts'
import type { GuildAccess } from '../services/guild-access.ts'
import type { RejectionMetrics } from '../services/messaging-metrics.ts'
import type { Admission } from './admission.ts'
import { parseTarget, type UpgradeRefusal } from './target.ts'

/** A signed-in user behind a socket. */
export interface GatewaySession {
  readonly userId: UserId
  readonly sessionId: string
  /** When the access token stops working; milliseconds since the Unix epoch. */
  readonly expiresAt: number
}

export type Subscription =
  | {
      readonly kind: 'channel'
      readonly guildId: GuildId
      readonly channelId: ChannelId
      /** Last sequence the client has. */
      readonly since: number | undefined
    }
  | { readonly kind: 'notifications' }

export interface Admitted {
  readonly kind: 'admitted'
  readonly session: GatewaySession
  readonly subscription: Subscription
  /** Gives the place back. */
  readonly leave: () => void
}

export interface AdmitDeps {
  /** Undefined for a token that does not count, whatever the reason. */
  findSession(token: string): GatewaySession | undefined
  access: Pick<GuildAccess, 'findChannelSeat'>
  admission: Admission
  isAllowedOrigin(origin: string | undefined): boolean
  metrics: RejectionMetrics
}

const LIMIT_REACHED = 'connection limit reached'

/**
 * Decides about an upgrade request: 1. is it one, and for what  2. may this page ask  3. who asks  4. may they listen
 * 5. is there a place left. The order is that of contract 3.1.
 */
export function admit(request: IncomingMessage, deps: AdmitDeps): Admitted | UpgradeRefusal {
  const target = parseTarget(request) // 1
  if (target.kind === 'refused') return target
  if (!deps.isAllowedOrigin(request.headers.origin)) return { kind: 'refused', status: 403 } // 2
  const session = sessionOf(request, target.url, deps) // 3
  if (session === undefined) {
    deps.metrics.rejected('unauthorized')
    return { kind: 'refused', status: 401 }
  }
  const subscription = target.kind === 'channel' ? subscriptionTo(target, session, deps) : NOTIFICATIONS // 4
  if (subscription === undefined) return { kind: 'refused', status: 404 }
  const leave = deps.admission.enter(session.userId) // 5
  if (leave === undefined) {
    deps.metrics.rejected('websocket_limit')
    return { kind: 'refused', status: 429, text: LIMIT_REACHED }
  }
  return { kind: 'admitted', session, subscription, leave }
}

const NOTIFICATIONS: Subscription = { kind: 'notifications' }

function subscriptionTo(
  { channelId, since }: { channelId: ChannelId; since: number | undefined },
  { userId }: GatewaySession,
  { access }: AdmitDeps,
): Subscription | undefined {
  const seat = access.findChannelSeat(userId, channelId)
  return seat && { kind: 'channel', guildId: seat.state.guildId, channelId, since }
}

/** The header first; the query, for browsers that cannot set one, also when the header's token does not count. */
function sessionOf(request: IncomingMessage, url: URL, { findSession }: AdmitDeps): GatewaySession | undefined {
  const [, fromHeader] = /^[Bb]earer (.*)$/.exec(request.headers.authorization ?? '') ?? []
  const fromQuery = url.searchParams.get('access_token')
  for (const token of [fromHeader?.trim(), fromQuery]) {
    const session = token ? findSession(token) : undefined
    if (session !== undefined) return session
  }
  return undefined
}

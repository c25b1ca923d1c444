/** Close codes and reasons of our sockets, for `docs/api`. 1008 is the original's; it uses no other on purpose. */
export const CLOSE = {
  goingAway: { code: 1001, reason: 'server is stopping' },
  tokenExpired: { code: 4001, reason: 'access token expired' },
  sessionEnded: { code: 4002, reason: 'session revoked' },
  accessLost: { code: 4003, reason: 'no longer allowed to view this channel' },
  channelDeleted: { code: 4004, reason: 'channel deleted' },
  idle: { code: 4008, reason: 'no answer to pings' },
} as const satisfies Record<string, Closing>

export interface Closing {
  readonly code: number
  /** At most 123 bytes (RFC 6455). */
  readonly reason: string
}

export type LagUnit = 'messages' | 'notification messages'

/** The socket could not keep up and misses this many frames (contract 3.1). */
export const lagged = (frames: number, unit: LagUnit): Closing => ({
  code: 1008,
  reason: `lagged by ${frames} ${unit}`,
})

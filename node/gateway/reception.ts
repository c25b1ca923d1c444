import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Config } from '../config/schema.ts'
import type { Timeline } from '../services/timeline/types.ts'
import type { Admitted } from './admit.ts'
import { Connection } from './connection.ts'
import { replay } from './replay.ts'
import type { Subscribers } from './subscribers.ts'

/** A socket whose handshake is done. */
export interface OpenedSocket {
  readonly ws: WebSocket
  /** The socket below it. */
  readonly socket: Duplex
  readonly admitted: Admitted
  readonly requestId: string
}

export interface ReceptionDeps {
  timeline: Pick<Timeline, 'page' | 'latestSequence'>
  subscribers: Subscribers
  clock: Clock
  log: Logger
  limits: Config['limits']
}

/** Makes a connection of an opened socket, and has it hear what it came for. */
export function createReception({ timeline, subscribers, clock, log, limits }: ReceptionDeps) {
  function connect({ ws, socket, admitted }: OpenedSocket): Connection {
    const { session, subscription } = admitted
    return new Connection({
      ws,
      socket,
      session,
      lagUnit: subscription.kind === 'channel' ? 'messages' : 'notification messages',
      limits: {
        queueFrames: limits.ws_queue_frames,
        pingIntervalMs: limits.ws_ping_interval_secs * 1000,
        idleTimeoutMs: limits.ws_idle_timeout_secs * 1000,
      },
      openedAt: clock.now(),
    })
  }

  function subscribe(connection: Connection, { session, subscription }: Admitted): void {
    const { userId } = session
    if (subscription.kind === 'notifications') return subscribers.audiences.add({ connection, userId })
    const { guildId, channelId, since } = subscription
    // Listening from now on, but silent until the replay has caught up.
    const subscriber = { connection, userId, guildId, channelId, after: Number.POSITIVE_INFINITY }
    subscribers.addChannel(subscriber)
    replay(timeline, subscriber, since).catch((error: unknown) => {
      log.error({ error, channel_id: channelId }, 'The replay for a WebSocket failed')
      connection.terminate()
    })
  }

  return function receive(opened: OpenedSocket): Connection {
    logSession(opened, log)
    const connection = connect(opened)
    subscribe(connection, opened.admitted)
    return connection
  }
}

function logSession({ ws, admitted, requestId }: OpenedSocket, log: Logger): void {
  const { session, subscription } = admitted
  const channel = subscription.kind === 'channel' ? { channel_id: subscription.channelId } : {}
  const fields = { request_id: requestId, socket: subscription.kind, user_id: session.userId, ...channel }
  log.debug(fields, 'A WebSocket opened')
  ws.once('close', (code) => log.debug({ ...fields, code }, 'A WebSocket closed'))
}

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Clock } from '../base/clock.ts'
import type { PartHealth } from '../base/lifecycle.ts'
import type { Logger } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import type { Config } from '../config/schema.ts'
import type { GuildAccess } from '../services/guild-access.ts'
import type { RejectionMetrics } from '../services/messaging-metrics.ts'
import type { Feed, Timeline } from '../services/timeline/types.ts'
import { createAdmission } from './admission.ts'
import { admit, type Admitted, type GatewaySession } from './admit.ts'
import { CLOSE } from './close-codes.ts'
import { Connection } from './connection.ts'
import { createFanOut } from './fan-out.ts'
import { createHub } from './hub.ts'
import { createGatewayMetrics } from './metrics.ts'
import { createOriginCheck } from './origins.ts'
import { replay } from './replay.ts'
import { createSubscribers } from './subscribers.ts'

/** What the HTTP edge tells about an upgrade request, and how it answers one without a socket. */
export interface UpgradeRequest {
  readonly requestId: string
  /** Headers every response carries; they belong on the 101 too. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  refuse(status: number, text?: string): void
}

export interface Gateway {
  /** Takes over the socket of an upgrade request. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, upgrade: UpgradeRequest): void
  /** Closes the sockets of a session that was revoked. */
  endSession(sessionId: string): void
  start(): void
  /** Closes every socket with 1001. Safe to call twice. */
  stop(): Promise<void>
  health(): PartHealth
  openSockets(): number
}

export interface GatewayDeps {
  feed: Feed
  timeline: Pick<Timeline, 'page' | 'latestSequence' | 'stateOf'>
  access: Pick<GuildAccess, 'findSeat' | 'findChannelSeat' | 'canView'>
  /** Undefined for a token that does not count, whatever the reason. */
  findSession(token: string): GatewaySession | undefined
  metrics: Pick<Metrics, 'counter' | 'gauge'>
  rejections: RejectionMetrics
  clock: Clock
  log: Logger
  config: Pick<Config, 'cors' | 'limits'>
}

/** Clients have nothing to say; the original's web client sends pings and typing previews of some 200 bytes. */
const MAX_CLIENT_FRAME_BYTES = 4 * 1024
const BEAT_MS = 1_000
/** How long a client may take to answer a close: as long as a send. */
const CLOSE_TIMEOUT_MS = 10_000
/** The same while the node stops. */
const STOP_MS = 1_000

export function createGateway(deps: GatewayDeps): Gateway {
  const { clock, config, feed, log, timeline } = deps
  const { limits } = config
  const connections = new Set<Connection>()
  const admission = createAdmission({ total: limits.ws_max_sockets, perUser: limits.ws_max_sockets_per_user })
  const subscribers = createSubscribers({ access: deps.access })
  const metrics = createGatewayMetrics({ metrics: deps.metrics, subscribers, openSockets: admission.open })
  const hub = createHub({ feed, log, fanOut: createFanOut({ subscribers, timeline, metrics }) })
  const admitDeps = {
    findSession: deps.findSession,
    access: deps.access,
    admission,
    isAllowedOrigin: createOriginCheck(config.cors.allowed_origins),
    metrics: deps.rejections,
  }
  const upgradeHeaders = new WeakMap<IncomingMessage, UpgradeRequest['headers']>()
  const server = createWebSocketServer(upgradeHeaders)
  let beating: NodeJS.Timeout | undefined
  let isStopping = false

  function open(ws: WebSocket, socket: Duplex, { session, subscription }: Admitted): Connection {
    const connection = new Connection({
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
    connections.add(connection)
    connection.onClose(() => connections.delete(connection))
    return connection
  }

  function subscribe(connection: Connection, { session, subscription }: Admitted): void {
    const { userId } = session
    if (subscription.kind === 'notifications') return subscribers.addNotifications({ connection, userId })
    const { guildId, channelId, since } = subscription
    // Listening from now on, but silent until the replay has caught up.
    const subscriber = { connection, userId, guildId, channelId, after: Number.POSITIVE_INFINITY }
    subscribers.addChannel(subscriber)
    replay(timeline, subscriber, since).catch((error: unknown) => {
      log.error({ error, channel_id: channelId }, 'The replay for a WebSocket failed')
      connection.terminate()
    })
  }

  return {
    handleUpgrade(request, socket, head, upgrade) {
      if (isStopping) return upgrade.refuse(503)
      const verdict = admit(request, admitDeps)
      if (verdict.kind === 'refused') return upgrade.refuse(verdict.status, verdict.text)
      // The raw socket closes in every case, also when the handshake fails after all.
      socket.once('close', verdict.leave)
      upgradeHeaders.set(request, upgrade.headers)
      server.handleUpgrade(request, socket, head, (ws) => {
        logSession(ws, verdict, log.child({ request_id: upgrade.requestId }))
        subscribe(open(ws, socket, verdict), verdict)
      })
    },
    endSession(sessionId) {
      for (const connection of connections) {
        if (connection.session.sessionId === sessionId) connection.close(CLOSE.sessionEnded)
      }
    },
    start() {
      hub.start()
      beating = setInterval(() => beat(connections, clock.now()), BEAT_MS).unref()
    },
    async stop() {
      isStopping = true
      clearInterval(beating)
      await hub.stop()
      await closeAll(connections)
    },
    health: hub.health,
    openSockets: admission.open,
  }
}

function createWebSocketServer(upgradeHeaders: WeakMap<IncomingMessage, UpgradeRequest['headers']>): WebSocketServer {
  const options = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_CLIENT_FRAME_BYTES,
    closeTimeout: CLOSE_TIMEOUT_MS,
  }
  const server = new WebSocketServer(options)
  server.on('headers', (lines, request) => {
    for (const [name, value] of upgradeHeaders.get(request) ?? []) lines.push(`${name}: ${value}`)
  })
  return server
}

function beat(connections: Iterable<Connection>, now: number): void {
  for (const connection of connections) connection.beat(now)
}

/** Says goodbye to all and waits until they are gone, for a while. */
async function closeAll(connections: ReadonlySet<Connection>): Promise<void> {
  const gone = [...connections].map((connection) => new Promise<void>((resolve) => connection.onClose(resolve)))
  for (const connection of connections) connection.close(CLOSE.goingAway)
  const deadline = setTimeout(() => {
    for (const connection of connections) connection.terminate()
  }, STOP_MS)
  await Promise.all(gone)
  clearTimeout(deadline)
}

function logSession(ws: WebSocket, { session, subscription }: Admitted, log: Logger): void {
  const channel = subscription.kind === 'channel' ? { channel_id: subscription.channelId } : {}
  const fields = { socket: subscription.kind, user_id: session.userId, ...channel }
  log.debug(fields, 'A WebSocket opened')
  ws.once('close', (code) => log.debug({ ...fields, code }, 'A WebSocket closed'))
}

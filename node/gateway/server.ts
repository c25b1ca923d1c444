import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Clock } from '../base/clock.ts'
import type { PartHealth } from '../base/lifecycle.ts'
import type { Logger } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import type { Config } from '../config/schema.ts'
import type { GuildAccess } from '../services/guild-access.ts'
import type { RejectionMetrics } from '../services/messaging-metrics.ts'
import type { Feed, Timeline } from '../services/timeline/types.ts'
import { createAdmission } from './admission.ts'
import { admit, type GatewaySession } from './admit.ts'
import { CLOSE } from './close-codes.ts'
import type { Connection } from './connection.ts'
import { createFanOut } from './fan-out.ts'
import { createHub } from './hub.ts'
import { createGatewayMetrics } from './metrics.ts'
import { createOriginCheck } from './origins.ts'
import { createReception, type OpenedSocket } from './reception.ts'
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
  const receive = createReception({ timeline, subscribers, clock, log, limits })
  const upgradeHeaders: UpgradeHeaders = new WeakMap()
  const server = createWebSocketServer(upgradeHeaders)
  let beating: NodeJS.Timeout | undefined
  let isStopping = false

  function open(opened: OpenedSocket): void {
    const connection = receive(opened)
    connections.add(connection)
    connection.onClose(() => connections.delete(connection))
  }

  return {
    handleUpgrade(request, socket, head, upgrade) {
      if (isStopping) return upgrade.refuse(503)
      const admitted = admit(request, admitDeps)
      if (admitted.kind === 'refused') return upgrade.refuse(admitted.status, admitted.text)
      // The raw socket closes in every case, also when the handshake fails after all.
      socket.once('close', admitted.leave)
      upgradeHeaders.set(request, upgrade.headers)
      const { requestId } = upgrade
      server.handleUpgrade(request, socket, head, (ws) => open({ ws, socket, admitted, requestId }))
    },
    endSession: (sessionId) => closeSession(connections, sessionId),
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

type UpgradeHeaders = WeakMap<IncomingMessage, UpgradeRequest['headers']>

function createWebSocketServer(upgradeHeaders: UpgradeHeaders): WebSocketServer {
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

function closeSession(connections: Iterable<Connection>, sessionId: string): void {
  for (const connection of connections) {
    if (connection.session.sessionId === sessionId) connection.close(CLOSE.sessionEnded)
  }
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

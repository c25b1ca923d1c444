import { rmSync, writeFileSync } from 'node:fs'
import packageJson from '../package.json' with { type: 'json' }
import { AppError, messageOf } from './base/errors.ts'
import type { ServerName } from './base/ids.ts'
import { createLifecycle, type Lifecycle, type PartStatus, type StopReport } from './base/lifecycle.ts'
import type { Logger } from './base/log.ts'
import { createMetrics } from './base/metrics.ts'
import { createEdges } from './compose/edges.ts'
import { createFederationPart, type FederationPart } from './compose/federation.ts'
import { createMaintenance } from './compose/maintenance.ts'
import { registerNodeMetrics } from './compose/node-metrics.ts'
import { type Platform, systemPlatform } from './compose/platform.ts'
import { createRemote, NO_FEDERATION } from './compose/remote.ts'
import { createServices } from './compose/services.ts'
import { type OpenedStorage, openStorage } from './compose/storage.ts'
import { apiAddressPath } from './config/data-dir.ts'
import { apiAddress, type ListenAddress, metricsAddress } from './config/resolve.ts'
import type { Config, ConfiguredSecrets } from './config/schema.ts'
import { createMetricsListener } from './http/metrics-listener.ts'
import type { ComponentStatus, Readiness } from './http/routes/probes.ts'
import { createStatus, type NodeStatus } from './services/status.ts'

export interface NodeOptions {
  config: Config
  secrets: ConfiguredSecrets
  log: Logger
  platform?: Platform
}

export interface OpenGuildNode {
  readonly peerId: ServerName
  /** Base URL of the API, once started. */
  readonly apiAddress: string
  readonly dataDir: string
  /** For the dashboard; a secret. */
  readonly adminToken: string
  start(): Promise<void>
  /** Finishes what is under way, closes doors in reverse order, checkpoints. Safe to call twice; never rejects. */
  stop(): Promise<StopReport>
  status(): NodeStatus
  /** Undefined when `p2p.enabled` is off. */
  readonly federation: FederationPart | undefined
}

const HTTP_GRACE_MS = 2_000

/** Opens the data directory and wires everything; nothing listens before `start`. Throws named errors that say what to do. */
export async function createNode(options: NodeOptions): Promise<OpenGuildNode> {
  const { log } = options
  const platform = options.platform ?? systemPlatform
  const storage = await openStorage(options, { platform, log })
  try {
    return await assemble({ ...options, platform }, storage)
  } catch (error) {
    storage.close()
    throw error
  }
}

const VERSION = packageJson.version

/**
 * `/ready` as clients of the original know it: the database by its words, every other part by ours (contract 2.2). Anybody
 * may ask, so a part that is unwell says a word; its details are for the admin API.
 */
function readinessOf(lifecycle: Lifecycle): Readiness {
  const components = lifecycle.status().map(({ name, status, details, reason }) => ({
    name,
    status: componentStatus(name, status),
    ...(details === undefined ? {} : { details: reason ?? 'see_status' }),
  }))
  const isReady = components.every(({ status }) => status === 'ready' || status === 'configured')
  return { status: isReady ? 'ready' : 'degraded', components }
}

function componentStatus(name: string, status: PartStatus['status']): ComponentStatus['status'] {
  if (status === 'ready') return name === 'database' ? 'configured' : 'ready'
  if (status === 'degraded') return 'degraded'
  return status === 'failed' ? 'error' : 'pending'
}

async function assemble(options: NodeOptions & { platform: Platform }, storage: OpenedStorage): Promise<OpenGuildNode> {
  const { config, log, platform } = options
  const { secrets, database } = storage
  const startedAt = platform.clock.now()
  const metrics = createMetrics()
  const lifecycle = createLifecycle(log)
  const remote = createRemote()
  const services = createServices({ config, secrets, db: database, platform, metrics, log, remote })
  const federation = await createFederationPart({ config, secrets, services, db: database, platform, log })
  remote.connect(federation, services)

  let baseUrl = ''
  const status = createStatus({
    timeline: services.timeline,
    federation: federation ?? NO_FEDERATION,
    peers: services.peers,
    parts: lifecycle.status,
    node: { peerId: services.self, name: config.server_name, version: VERSION, startedAt, dataDir: config.data_dir },
    apiAddress: () => baseUrl,
  })
  const ownMetrics = metricsAddress(config)
  const { http, gateway } = createEdges({
    config,
    services,
    platform,
    metrics,
    log,
    status,
    probes: {
      version: VERSION,
      readiness: () => readinessOf(lifecycle),
      uptimeSeconds: () => (platform.clock.now() - startedAt) / 1000,
      metricsText: config.metrics.enabled && ownMetrics === undefined ? metrics.text : undefined,
    },
  })

  // Started in this order, stopped in reverse: HTTP opens last and closes first.
  lifecycle.add({ name: 'database', stop: storage.close, health: database.health })
  lifecycle.add({ name: 'verifier', stop: services.verifier.close })
  lifecycle.add(createMaintenance(services, log))
  lifecycle.add(registerNodeMetrics({ metrics, database, services, federation }))
  if (federation !== undefined) lifecycle.add({ name: 'federation', ...federation })
  if (ownMetrics !== undefined) {
    const listener = createMetricsListener({
      ...ownMetrics,
      allowedHosts: config.allowed_hosts,
      text: metrics.text,
      log,
    })
    lifecycle.add({ name: 'metrics', start: async () => void (await listener.start()), stop: () => listener.stop(0) })
  }
  lifecycle.add({ name: 'gateway', start: gateway.start, stop: gateway.stop, health: gateway.health })
  lifecycle.add({
    name: 'http',
    async start() {
      const { host, port } = await http.start().catch((error: unknown) => {
        throw translateListenFault(error, apiAddress(config))
      })
      baseUrl = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
      writeFileSync(apiAddressPath(config.data_dir), `${baseUrl}\n`, { mode: 0o600 })
    },
    async stop() {
      rmSync(apiAddressPath(config.data_dir), { force: true })
      await http.stop(HTTP_GRACE_MS)
    },
  })

  return {
    peerId: services.self,
    get apiAddress() {
      return baseUrl
    },
    dataDir: config.data_dir,
    adminToken: secrets.adminToken,
    start: lifecycle.start,
    stop: lifecycle.stop,
    status,
    federation,
  }
}

function translateListenFault(error: unknown, { host, port }: ListenAddress): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const remedy = 'stop the program that uses it, or choose another with --port'
  if (code === 'EADDRINUSE') {
    return new AppError('conflict', `The address ${host}:${port} is in use: ${remedy}`, { cause: error })
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL') {
    const message = `The address ${host}:${port} cannot be listened on (${messageOf(error)}): choose another with --host and --port`
    return new AppError('conflict', message, { cause: error })
  }
  return error
}

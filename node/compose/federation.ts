import { AppError, messageOf } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { usesMdns } from '../config/resolve.ts'
import type { Config } from '../config/schema.ts'
import type { NodeSecrets } from '../config/secrets.ts'
import type { Database } from '../storage/database.ts'
import { createFederation, type Federation } from '../federation/index.ts'
import { createKeptPort } from './p2p-port.ts'
import type { Platform } from './platform.ts'
import type { Services } from './services.ts'

export interface FederationPartDeps {
  config: Config
  secrets: NodeSecrets
  services: Services
  db: Database
  platform: Platform
  log: Logger
}

/** Federation as the rest of the node sees it, whether `p2p.enabled` or not. */
export type FederationPart = Pick<
  Federation,
  | 'start'
  | 'stop'
  | 'health'
  | 'joinRemote'
  | 'addresses'
  | 'links'
  | 'reports'
  | 'totals'
  | 'syncNow'
  | 'connect'
  | 'wake'
>

export async function createFederationPart(deps: FederationPartDeps): Promise<FederationPart | undefined> {
  const { config, services, platform } = deps
  if (!config.p2p.enabled) return undefined
  const port = createKeptPort(config, deps.db)
  const federation = await createFederation({
    identitySeed: deps.secrets.identity.seed,
    timeline: services.timeline,
    feed: services.feed,
    self: services.self,
    peers: services.peers,
    clock: platform.clock,
    log: deps.log,
    options: {
      listen: await port.listen(),
      announce: config.p2p.announce,
      mdns: usesMdns(config),
      gossip: config.p2p.gossip,
      syncIntervalMs: config.sync.interval_secs * 1000,
      gossipEventsPerSecond: config.limits.gossip_events_per_sec_per_peer,
      displayName: config.server_name,
    },
    ...(platform.transports === undefined ? {} : { transports: platform.transports }),
  })
  return {
    ...federation,
    async start() {
      await federation.start().catch((error: unknown) => {
        throw translateListenFault(error)
      })
      port.keep(federation.addresses())
    },
  }
}

/** libp2p puts the address, the code and the stack of each listener that failed into one message. */
function translateListenFault(error: unknown): unknown {
  const [, address, code] = /(\/\S+): Error: listen (E[A-Z]+)/.exec(messageOf(error)) ?? []
  if (address === undefined) return error
  const reason = code === 'EADDRINUSE' ? 'is in use by another program' : `cannot be listened on (${code})`
  const message = `The address for other nodes, ${address}, ${reason}: choose another with --p2p-port or --p2p-listen`
  return new AppError('conflict', message, { cause: error })
}

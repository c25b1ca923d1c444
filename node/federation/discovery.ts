import { messageOf } from '../base/errors.ts'
import type { ServerName } from '../base/ids.ts'
import type { Logger } from '../base/log.ts'
import type { Peers } from '../services/peers.ts'
import type { Host } from './host.ts'
import type { Membership } from './membership.ts'
import type { Redial } from './redial.ts'

export interface DiscoveryDeps {
  host: Pick<Host, 'dial' | 'isConnected' | 'links'>
  peers: Pick<Peers, 'find' | 'isBlocked' | 'learn'>
  membership: Pick<Membership, 'isKnown'>
  redial: Pick<Redial, 'poke'>
  log: Logger
}

const DIAL_TIMEOUT_MS = 10_000
/** Nodes of others on a LAN that we stay connected to, so that an invite between them works at once. */
const MAX_STRANGERS = 16
const MAX_REMEMBERED = 1_024

/**
 * What to do with a node seen on the LAN. Members' nodes are dialled at the address they have now; strangers once, and
 * only some of them.
 */
export function createDiscovery(deps: DiscoveryDeps): (peer: ServerName, addresses: readonly string[]) => void {
  const { host, peers, membership, redial, log } = deps
  const tried = new Set<ServerName>()

  const isOurs = (peer: ServerName) => membership.isKnown(peer) || peers.find(peer)?.pinned === true

  function countStrangers(): number {
    return host.links().filter((link) => !isOurs(link.peerId)).length
  }

  return (peer, addresses) => {
    if (peers.isBlocked(peer) || host.isConnected(peer) || addresses.length === 0) return
    if (isOurs(peer)) {
      peers.learn(peer, addresses)
      redial.poke(peer)
      return
    }
    if (tried.has(peer) || tried.size >= MAX_REMEMBERED || countStrangers() >= MAX_STRANGERS) return
    tried.add(peer)
    host.dial(peer, addresses, AbortSignal.timeout(DIAL_TIMEOUT_MS)).catch((error: unknown) => {
      log.debug({ peer, reason: messageOf(error) }, 'A node on the LAN did not answer')
    })
  }
}

import { multiaddr } from '@multiformats/multiaddr'

/**
 * Addresses that one node tells of another, as far as they can be dialled. A wrong one would fail the whole dial, also of
 * the right ones beside it. Those of the teller's own computer count only when it shares ours.
 */
export function usableHints(addresses: readonly string[], { sharesHost }: { sharesHost: boolean }): string[] {
  return addresses
    .map((address) => address.replace(/\/p2p\/[^/]+$/, ''))
    .filter((address) => isDialable(address) && !isUnspecified(address) && (sharesHost || !isLoopback(address)))
}

const LOOPBACK = /^\/(ip4\/127\.|ip6\/::1\/|dns[46]?\/localhost\/)/
const UNSPECIFIED = /^\/(ip4\/0\.|ip6\/::\/)/

export const isLoopback = (address: string): boolean => LOOPBACK.test(address)
const isUnspecified = (address: string): boolean => UNSPECIFIED.test(address)

/** Straight to the node, by the transports we have: no relay, and no other peer named on the way. */
const TRANSPORTS: ReadonlySet<string> = new Set([
  'ip4',
  'ip6',
  'dns',
  'dns4',
  'dns6',
  'tcp',
  'ws',
  'wss',
  'tls',
  'memory',
])

function isDialable(address: string): boolean {
  try {
    const names = multiaddr(address)
      .getComponents()
      .map((component) => component.name)
    return names.length > 0 && names.every((name) => TRANSPORTS.has(name))
  } catch {
    return false
  }
}

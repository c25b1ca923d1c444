import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

/** Whose `x-forwarded-for` counts: nobody's, that of a proxy on this computer, or any peer's. */
export type TrustProxy = 'never' | 'loopback' | 'always'

export interface ClientAddress {
  address: string
  /** Set only when a trusted proxy named the address. */
  forwarded: string | undefined
  /** The caller is on this computer and no proxy stands between. */
  isLocal: boolean
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

const privateNets = new BlockList()
privateNets.addSubnet('127.0.0.0', 8, 'ipv4')
privateNets.addSubnet('10.0.0.0', 8, 'ipv4')
privateNets.addSubnet('172.16.0.0', 12, 'ipv4')
privateNets.addSubnet('192.168.0.0', 16, 'ipv4')
privateNets.addSubnet('169.254.0.0', 16, 'ipv4')
privateNets.addAddress('::1', 'ipv6')
privateNets.addSubnet('fc00::', 7, 'ipv6')
privateNets.addSubnet('fe80::', 10, 'ipv6')

export const isLoopback = (address: string): boolean => isListed(loopback, address)

/** Must be asked while the socket is open. */
export function clientAddress(request: IncomingMessage, trust: TrustProxy): ClientAddress {
  const peer = plainAddress(request.socket.remoteAddress ?? 'unknown')
  const header = request.headers['x-forwarded-for']
  const isPeerLocal = isLoopback(peer)
  if (header === undefined) return { address: peer, forwarded: undefined, isLocal: isPeerLocal }
  const isTrusted = trust === 'always' || (trust === 'loopback' && isPeerLocal)
  const forwarded = isTrusted ? forwardedFor(String(header)) : undefined
  return { address: forwarded ?? peer, forwarded, isLocal: false }
}

/**
 * The client a chain of proxies speaks for. Each proxy appends the peer it saw, so the last entry that is not itself a
 * proxy of a private network is the client; whatever stands before it was written by the client. With private
 * addresses alone it is the first, as in the original.
 */
function forwardedFor(header: string): string | undefined {
  const hops = header
    .split(',')
    .map((hop) => plainAddress(hop.trim()))
    .filter((hop) => isIP(hop) !== 0)
  return hops.findLast((hop) => !isListed(privateNets, hop)) ?? hops[0]
}

/** IPv4 without the IPv6 wrapping that dual-stack sockets show. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address
}

function isListed(list: BlockList, address: string): boolean {
  const version = isIP(address)
  return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4')
}

import { isIP } from 'node:net'
import { isLoopback } from './client-address.ts'

/**
 * Whether a request may name this host. A page that rebinds its own DNS name to this computer still sends that name,
 * so only names we know are answered: loopback, the configured ones and, when the node listens for other computers
 * too, IP addresses (an address cannot be rebound).
 */
export function createHostCheck(options: { bindHost: string; allowedHosts: readonly string[] }) {
  const names = new Set(options.allowedHosts.map((name) => name.toLowerCase()))
  const takesAddresses = !isLoopback(options.bindHost)
  /** Answers repeat for the few headers clients send; the size is bounded because anybody may send any name. */
  const known = new Map<string, boolean>()

  function isAllowedName(name: string): boolean {
    if (name === 'localhost' || name.endsWith('.localhost') || names.has(name)) return true
    if (isIP(name) === 0) return false
    return takesAddresses || isLoopback(name)
  }

  return function isAllowedHost(header: string | undefined): boolean {
    // Browsers always send it; what does not (HTTP/1.0 probes) cannot be rebound.
    if (header === undefined) return true
    const seen = known.get(header)
    if (seen !== undefined) return seen
    const isAllowed = isAllowedName(hostName(header))
    if (known.size < 64) known.set(header, isAllowed)
    return isAllowed
  }
}

/** `[::1]:8080` -> `::1`, `Example.org.:80` -> `example.org`. */
function hostName(header: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(header)
  const name = bracketed?.[1] ?? header.replace(/:\d*$/, '')
  return name.toLowerCase().replace(/\.$/, '')
}

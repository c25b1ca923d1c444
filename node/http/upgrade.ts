import { STATUS_CODES, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { clientAddress, type TrustProxy } from './middleware/client-address.ts'
import { misdirected } from './middleware/edge.ts'
import type { HeaderPolicy } from './middleware/headers.ts'
import { requestIdOf } from './middleware/request-id.ts'

/** What the server tells about a WebSocket request beside the request itself. */
export interface UpgradeFacts {
  requestId: string
  /** As for requests: the socket's peer, or what a trusted proxy says. */
  address: string
  /** Headers every response carries; they belong on the 101 too. */
  headers: readonly (readonly [name: string, value: string])[]
  /** Answers plain HTTP instead of a socket and closes. Without text the body is empty. */
  refuse(status: number, text?: string): void
}

/** Takes over the socket: either completes the handshake or calls `facts.refuse`. */
// oxlint-disable-next-line max-params -- the three of node's own event, and what the edge adds
export type OnUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer, facts: UpgradeFacts) => void

export interface UpgradeDeps {
  headers: HeaderPolicy
  trustProxy: TrustProxy
  isAllowedHost(header: string | undefined): boolean
  newId(): string
}

/** The edge of WebSocket requests: id, headers and host check, then the gateway. */
export function createUpgradeEdge(
  deps: UpgradeDeps,
  onUpgrade: OnUpgrade,
): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  return (request, socket, head) => {
    // @NOTE until the gateway listens, an error on this socket would have no listener and end the process.
    socket.on('error', () => socket.destroy())
    const requestId = requestIdOf(request.headers['x-request-id'], deps.newId)
    const headers = deps.headers.common(request, requestId)
    const refuse = (status: number, text = '') => refuseUpgrade(socket, { headers, status, text })
    if (!deps.isAllowedHost(request.headers.host)) return refuse(misdirected.status, String(misdirected.body))
    onUpgrade(request, socket, head, {
      requestId,
      address: clientAddress(request, deps.trustProxy).address,
      headers,
      refuse,
    })
  }
}

interface Refusal {
  headers: readonly (readonly [string, string])[]
  status: number
  text: string
}

function refuseUpgrade(socket: Duplex, { headers, status, text }: Refusal): void {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(text === '' ? [] : ['content-type: text/plain; charset=utf-8']),
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
  ]
  // The server keeps half-open sockets, so one that is merely ended would wait for the client to leave.
  socket.once('finish', () => socket.destroy())
  socket.end(`${lines.join('\r\n')}\r\n\r\n${text}`)
}

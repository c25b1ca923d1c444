import type { Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export interface Listener {
  /** Port 0 picks a free one; gives the one taken. Rejects with what `listen` meets, `EADDRINUSE` among it. */
  start(): Promise<{ host: string; port: number }>
  /**
   * Lets requests under way finish for `graceMs`, then cuts their connections. WebSockets are left to whoever took them
   * over. Every call gets the same end.
   */
  stop(graceMs: number): Promise<void>
}

export function createListener(server: Server, address: { host: string; port: number }): Listener {
  const connections = new Set<Socket>()
  let stopped: Promise<void> | undefined
  let onEmpty = () => {}

  function forget(socket: Socket): void {
    connections.delete(socket)
    if (connections.size === 0) onEmpty()
  }

  server.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.once('close', () => forget(socket))
  })
  server.on('upgrade', (request) => forget(request.socket))
  server.on('request', (_request, response) => {
    // @NOTE a connection whose last answer is out counts as idle only now, and nobody closes it by itself.
    response.once('close', () => stopped && server.closeIdleConnections())
  })

  function cutOff(): void {
    for (const socket of connections) socket.destroy()
  }

  function stop(graceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const deadline = setTimeout(cutOff, graceMs)
      onEmpty = () => {
        clearTimeout(deadline)
        resolve()
      }
      if (server.listening) server.close()
      server.closeIdleConnections()
      if (connections.size === 0) onEmpty()
    })
  }

  return {
    start: () => listen(server, address),
    stop: (graceMs) => (stopped ??= stop(graceMs)),
  }
}

function listen(server: Server, address: { host: string; port: number }): Promise<{ host: string; port: number }> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(address, () => {
      server.off('error', reject)
      resolve({ host: address.host, port: portOf(server.address()) })
    })
  })
}

function portOf(address: AddressInfo | string | null): number {
  return address !== null && typeof address === 'object' ? address.port : 0
}

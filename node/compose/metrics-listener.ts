import { createServer } from 'node:http'
import { once } from 'node:events'
import type { Part } from '../base/lifecycle.ts'
import { METRICS_CONTENT_TYPE, type Metrics } from '../base/metrics.ts'
import type { ListenAddress } from '../config/resolve.ts'

/** `metrics.bind_addr`: the figures on a listener of their own, without the layers of the API (contract 1.2). */
export function createMetricsListener({ host, port }: ListenAddress, metrics: Metrics): Part {
  const server = createServer(async (request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, { 'content-type': METRICS_CONTENT_TYPE }).end(await metrics.text())
  })
  return {
    name: 'metrics',
    async start() {
      server.listen({ host, port })
      await once(server, 'listening')
    },
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}

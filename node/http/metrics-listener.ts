import { createServer } from 'node:http'
import { METRICS_CONTENT_TYPE } from '../base/metrics.ts'
import type { Logger } from '../base/log.ts'
import { createListener, type Listener } from './listen.ts'
import { createHostCheck } from './middleware/host-check.ts'

export interface MetricsListenerDeps {
  host: string
  port: number
  /** As for the API: other host names are refused, so that no web page rebinds its way to the figures. */
  allowedHosts: readonly string[]
  /** All figures in the Prometheus text format. */
  text: () => Promise<string>
  log: Logger
}

/** `/metrics` on an address of its own; of the rules of the API only that for hosts (contract 1.2). */
export function createMetricsListener({ host, port, allowedHosts, text, log }: MetricsListenerDeps): Listener {
  const isAllowedHost = createHostCheck({ bindHost: host, allowedHosts })
  const server = createServer((request, response) => {
    if (!isAllowedHost(request.headers.host)) return void response.writeHead(421).end()
    if (request.url !== '/metrics') return void response.writeHead(404).end()
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return void response.writeHead(405, { allow: 'GET,HEAD' }).end()
    }
    text().then(
      (figures) => response.writeHead(200, { 'content-type': METRICS_CONTENT_TYPE }).end(figures),
      (error: unknown) => {
        log.error({ error }, 'The figures could not be read')
        response.writeHead(500).end()
      },
    )
  })
  return createListener(server, { host, port })
}

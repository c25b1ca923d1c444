import { createServer } from 'node:http'
import { METRICS_CONTENT_TYPE } from '../base/metrics.ts'
import type { Logger } from '../base/log.ts'
import { createListener, type Listener } from './listen.ts'

export interface MetricsListenerDeps {
  host: string
  port: number
  /** All figures in the Prometheus text format. */
  text: () => Promise<string>
  log: Logger
}

/** `/metrics` on an address of its own, without the rules of the API (contract 1.2). */
export function createMetricsListener({ host, port, text, log }: MetricsListenerDeps): Listener {
  const server = createServer((request, response) => {
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

import type { Metrics } from '../base/metrics.ts'

const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export interface HttpMetrics {
  /** One finished request. `route` is its template; `counterLabel` replaces it in the counter (contract 11.1). */
  onFinished(request: {
    route: string | undefined
    counterLabel?: string | undefined
    status: number
    seconds: number
  }): void
}

/** Paths nobody serves share one label: the original uses the raw path, which lets strangers grow the figures. */
const UNMATCHED = 'unmatched'

export function createHttpMetrics(metrics: Metrics): HttpMetrics {
  const total = metrics.counter({
    name: 'openguild_http_requests_total',
    help: 'Requests answered by a route',
    labels: ['route', 'status'],
  })
  const duration = metrics.histogram({
    name: 'openguild_http_request_duration_seconds',
    help: 'Time from request to end of response, preflight excepted',
    labels: ['route', 'status'],
    buckets: BUCKETS,
  })
  return {
    onFinished({ route, counterLabel, status, seconds }) {
      if (route !== undefined) total.inc({ route: counterLabel ?? route, status })
      duration.observe({ route: route ?? UNMATCHED, status }, seconds)
    },
  }
}

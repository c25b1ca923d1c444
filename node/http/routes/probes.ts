import { z } from 'zod'
import { METRICS_CONTENT_TYPE } from '../../base/metrics.ts'
import { anyone } from '../guards.ts'
import { empty, json, text } from '../reply.ts'
import { route, type Route } from '../route.ts'

/** One part of the node, as `/ready` shows it. */
export interface ComponentStatus {
  name: string
  /** `configured` and `pending` are the original's words for its database (contract 2.2). */
  status: 'configured' | 'pending' | 'ready' | 'degraded' | 'error'
  details?: string
}

export interface Readiness {
  status: 'ready' | 'degraded'
  components: ComponentStatus[]
}

export interface ProbeDeps {
  version: string
  /** Looks at every part anew; must not block. */
  readiness(): Readiness
  uptimeSeconds(): number
  /** All figures in the Prometheus text format; undefined when they are off or have a listener of their own. */
  metricsText: (() => Promise<string>) | undefined
}

const readySchema = z
  .object({
    status: z.enum(['ready', 'degraded']),
    uptime_seconds: z.int(),
    components: z.array(
      z.object({
        name: z.string(),
        status: z.enum(['configured', 'pending', 'ready', 'degraded', 'error']),
        details: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'Readiness' })

const common = { method: 'GET', family: 'root', tag: 'Probes', auth: anyone, errors: [], errorStyle: 'bare' } as const

export function probeRoutes(deps: ProbeDeps): Route[] {
  return [
    route({
      ...common,
      path: '/health',
      summary: 'Is the process alive?',
      response: { status: 200, contentType: 'text/plain' },
      handler: () => text(200, 'ok'),
    }),
    route({
      ...common,
      path: '/ready',
      summary: 'State of every part, looked at anew',
      description: 'Also 200 when degraded: read `status`.',
      response: { status: 200, schema: readySchema },
      handler() {
        const { status, components } = deps.readiness()
        return json(200, { status, uptime_seconds: Math.floor(deps.uptimeSeconds()), components })
      },
    }),
    route({
      ...common,
      path: '/version',
      summary: 'Version of the node',
      response: { status: 200, schema: z.object({ version: z.string() }) },
      handler: () => json(200, { version: deps.version }),
    }),
    route({
      ...common,
      path: '/metrics',
      summary: 'Figures for Prometheus',
      description: '404 while `metrics.enabled` is off or `metrics.bind_addr` gives them a listener of their own.',
      response: { status: 200, contentType: METRICS_CONTENT_TYPE },
      errors: ['not_found'],
      async handler() {
        if (deps.metricsText === undefined) return empty(404)
        return { status: 200, contentType: METRICS_CONTENT_TYPE, body: await deps.metricsText() }
      },
    }),
  ]
}

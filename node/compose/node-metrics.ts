import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Part } from '../base/lifecycle.ts'
import type { Metrics } from '../base/metrics.ts'
import type { DatabaseStats } from '../storage/database.ts'
import type { FederationPart } from './federation.ts'
import type { Services } from './services.ts'

export interface NodeMetricsDeps {
  metrics: Metrics
  databaseStats(): DatabaseStats
  services: Pick<Services, 'timeline' | 'feed' | 'verifier'>
  federation: Pick<FederationPart, 'links' | 'totals'> | undefined
}

const NANOSECONDS_PER_SECOND = 1e9
const LOOP_RESOLUTION_MS = 10

/** Figures of ours beside the contract's: database, event log, sync, gossip, event loop. Looked up when they are read. */
export function registerNodeMetrics({ metrics, databaseStats, services, federation }: NodeMetricsDeps): Part {
  const { timeline, feed, verifier } = services
  const gauge = (name: string, help: string, read: () => number) =>
    metrics.gauge({ name: `openguild_${name}`, help, collect: (own) => own.set(read()) })

  gauge('db_ready', '1 while the database answers', () => 1)
  gauge('db_commits', 'Durable transactions since the start', () => databaseStats().commits)
  gauge('db_writes', 'Writes since the start; many share a commit', () => databaseStats().writes)
  gauge('db_queue_depth', 'Writes that wait for the next commit', () => databaseStats().queued)
  gauge('events_stream', 'Position of the newest event of the log', () => feed.latest())
  gauge('events_waiting', 'Events that wait for what they refer to', () => countWaiting(timeline))
  gauge('verify_batches_pending', 'Batches of remote events being checked', () => verifier.pending())
  if (federation !== undefined) registerFederation(gauge, federation)
  return watchEventLoop(metrics)
}

function countWaiting(timeline: Services['timeline']): number {
  return timeline.guildIds().reduce((total, guildId) => total + (timeline.findGuild(guildId)?.waiting ?? 0), 0)
}

type DeclareGauge = (name: string, help: string, read: () => number) => unknown

function registerFederation(gauge: DeclareGauge, federation: Pick<FederationPart, 'links' | 'totals'>): void {
  gauge('peers_connected', 'Nodes connected now', () => federation.links().length)
  gauge('sync_sessions', 'Syncs since the start', () => federation.totals().sync.sessions)
  gauge('sync_failed', 'Syncs that failed since the start', () => federation.totals().sync.failed)
  gauge('sync_events_sent', 'Events sent by sync', () => federation.totals().sync.sent)
  gauge('sync_events_received', 'Events received by sync', () => federation.totals().sync.received)
  gauge(
    'sync_diverged',
    'Comparisons with the same events and another state: an alarm',
    () => federation.totals().sync.diverged,
  )
}

/** Delay of the event loop in seconds; what everything else waits for. */
function watchEventLoop(metrics: Metrics): Part {
  const delay = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS })
  metrics.gauge({
    name: 'openguild_event_loop_delay_seconds',
    help: 'Delay of the event loop since the last reading',
    labels: ['quantile'],
    collect(own) {
      for (const quantile of [50, 99]) {
        own.set({ quantile: String(quantile / 100) }, delay.percentile(quantile) / NANOSECONDS_PER_SECOND)
      }
      delay.reset()
    },
  })
  return { name: 'event loop', start: () => void delay.enable(), stop: () => void delay.disable() }
}

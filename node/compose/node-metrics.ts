import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Part } from '../base/lifecycle.ts'
import type { Metrics } from '../base/metrics.ts'
import type { NodeDatabase } from '../storage/node-database.ts'
import type { FederationPart } from './federation.ts'
import type { Services } from './services.ts'

export interface NodeMetricsDeps {
  metrics: Metrics
  database: Pick<NodeDatabase, 'stats' | 'health'>
  services: Pick<Services, 'timeline' | 'feed' | 'verifier'>
  federation: Pick<FederationPart, 'links' | 'totals'> | undefined
}

const NANOSECONDS_PER_SECOND = 1e9
const LOOP_RESOLUTION_MS = 10

/** Figures of ours beside the contract's: database, event log, sync, gossip, event loop. Looked up when they are read. */
export function registerNodeMetrics({ metrics, database, services, federation }: NodeMetricsDeps): Part {
  const { timeline, feed, verifier } = services
  const { gauge, counter } = declare(metrics)
  gauge('db_ready', '1 while the database answers', () => (database.health().status === 'failed' ? 0 : 1))
  counter('db_commits_total', 'Durable transactions', () => database.stats().commits)
  counter('db_writes_total', 'Writes; many share a commit', () => database.stats().writes)
  gauge('db_queue_depth', 'Writes that wait for the next commit', () => database.stats().queued)
  gauge('events_stream', 'Position of the newest event of the log', () => feed.latest())
  gauge('events_waiting', 'Events that wait for what they refer to', () => countWaiting(timeline))
  gauge('logs_equivocated', 'Logs with two events after the same one', () => countEquivocated(timeline))
  gauge('verify_batches_pending', 'Batches of remote events being checked', () => verifier.pending())
  if (federation !== undefined) registerFederation(metrics, federation)
  return watchEventLoop(metrics)
}

/** Figures without labels that are looked up when they are read. Counters begin with the process. */
function declare(metrics: Metrics) {
  type Declare = (name: string, help: string, read: () => number) => void
  const gauge: Declare = (name, help, read) =>
    void metrics.gauge({ name: `openguild_${name}`, help, collect: (own) => own.set(read()) })
  const counter: Declare = (name, help, read) =>
    void metrics.counter({ name: `openguild_${name}`, help, collect: (own) => own.inc(read()) })
  return { gauge, counter }
}

function countWaiting(timeline: Services['timeline']): number {
  return timeline.guildIds().reduce((total, guildId) => total + (timeline.findGuild(guildId)?.waiting ?? 0), 0)
}

function countEquivocated(timeline: Services['timeline']): number {
  return timeline.guildIds().reduce((total, id) => total + (timeline.findGuild(id)?.equivocated.length ?? 0), 0)
}

function registerFederation(metrics: Metrics, federation: Pick<FederationPart, 'links' | 'totals'>): void {
  const { gauge, counter } = declare(metrics)
  const sync = () => federation.totals().sync
  gauge('peers_connected', 'Nodes connected now', () => federation.links().length)
  counter('sync_sessions_total', 'Syncs', () => sync().sessions)
  counter('sync_failed_total', 'Syncs that failed', () => sync().failed)
  counter('sync_events_sent_total', 'Events sent by sync', () => sync().sent)
  counter('sync_events_received_total', 'Events received by sync', () => sync().received)
  counter('sync_diverged_total', 'Comparisons with the same events and another state: an alarm', () => sync().diverged)
  counter('gossip_published_total', 'Own events published', () => federation.totals().outbound.published)
  counter(
    'gossip_skipped_total',
    'Own events left to sync, too many at once',
    () => federation.totals().outbound.skipped,
  )
  metrics.counter({
    name: 'openguild_gossip_received_total',
    help: 'Gossiped events by what became of them',
    labels: ['outcome'],
    collect(own) {
      for (const [outcome, count] of Object.entries(federation.totals().inbound)) own.inc({ outcome }, count)
    },
  })
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

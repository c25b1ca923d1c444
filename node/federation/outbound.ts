import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import type { GuildId, ServerName } from '../base/ids.ts'
import type { Logger } from '../base/log.ts'
import type { Feed, FeedPage, StoredEvent } from '../services/timeline/types.ts'
import type { CatchUp } from './catch-up.ts'
import type { Gossip } from './gossip.ts'
import { createRateLimit } from './rate-limit.ts'
import { topicOf } from './topics.ts'

/** Passes on what is new here. The log is its queue. */
export interface Outbound {
  start(): void
  stop(): Promise<void>
  totals(): OutboundTotals
}

export interface OutboundTotals {
  published: number
  /** Left to sync: too many at once. */
  skipped: number
}

export interface OutboundDeps {
  self: ServerName
  feed: Feed
  /** Undefined: gossip is off, everything travels by sync. */
  gossip: Pick<Gossip, 'publish'> | undefined
  catchUp: Pick<CatchUp, 'nudge'>
  clock: Clock
  log: Logger
  /** Called for every page, before it is passed on. */
  onPage(page: FeedPage): void
}

/** gossipsub has no backpressure: faster than this a peer's connection only fills up (lab notes, section 2). */
const PUBLISH_LIMIT = { perSecond: 1_500, burst: 1_500 }

/** After a fault that the next page may not meet. */
const RETRY_MS = 1_000

export function createOutbound(deps: OutboundDeps): Outbound {
  const { self, feed, gossip, catchUp, log } = deps
  const limit = createRateLimit<'all'>(deps.clock, PUBLISH_LIMIT)
  const stopping = new AbortController()
  const totals: OutboundTotals = { published: 0, skipped: 0 }
  let running: Promise<void> = Promise.resolve()

  /** Follows the log for as long as the node runs. A page that cannot be worked off is left to sync, the next ones are not. */
  async function run(): Promise<void> {
    let position = feed.latest()
    while (!stopping.signal.aborted) {
      try {
        for await (const page of feed.follow(position, stopping.signal)) {
          position = page.stream
          deps.onPage(page)
          await passOn(page)
          await nextTurn()
        }
      } catch (error) {
        log.error({ error, stream: position }, 'New events could not be passed on; they travel by sync')
        await delay(RETRY_MS, undefined, { signal: stopping.signal }).catch(() => {})
      }
    }
  }

  async function passOn({ events }: FeedPage): Promise<void> {
    if (gossip === undefined) {
      // Also what others sent: not everybody is connected to its author.
      catchUp.nudge(new Set(events.map((event) => event.guildId)))
      return
    }
    for (const event of events) {
      if (event.origin !== self) continue
      // Those who do not know us as a member yet drop what we gossip and tell nobody.
      if (event.eventType === 'member.join') catchUp.nudge([event.guildId])
      await publish(gossip, event)
    }
  }

  async function publish({ publish: send }: Pick<Gossip, 'publish'>, event: StoredEvent): Promise<void> {
    if (!limit.allow('all')) {
      totals.skipped += 1
      catchUp.nudge([event.guildId])
      return
    }
    try {
      const reached = await send(topicOf(event.guildId), event.body)
      totals.published += 1
      // Members who are connected but do not listen yet, having joined a moment ago.
      nudgeOthers(event.guildId, reached)
    } catch (error) {
      log.debug({ event_id: event.eventId, reason: messageOf(error) }, 'An event was not gossiped')
      catchUp.nudge([event.guildId])
    }
  }

  const nudgeOthers = (guildId: GuildId, reached: readonly ServerName[]) => catchUp.nudge([guildId], new Set(reached))

  return {
    start() {
      running = run()
    },
    async stop() {
      stopping.abort()
      await running
    },
    totals: () => ({ ...totals }),
  }
}

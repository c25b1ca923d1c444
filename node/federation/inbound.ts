import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import type { GuildId, ServerName } from '../base/ids.ts'
import type { Logger } from '../base/log.ts'
import type { ReceiveOutcome, Timeline } from '../services/timeline/types.ts'
import type { CatchUp } from './catch-up.ts'
import type { GossipVerdict } from './gossip.ts'
import type { Access } from './grants.ts'
import { createRateLimit } from './rate-limit.ts'
import type { Scoring } from './scoring.ts'
import { MAX_EVENT_BYTES } from './wire.ts'

/** Events that arrive by gossip. */
export interface Inbound {
  /** Settles when the event is stored or will not be. */
  take(guildId: GuildId, from: ServerName, data: Uint8Array): Promise<GossipVerdict> | GossipVerdict
  /** Settles when nothing is being stored. */
  settled(): Promise<void>
  totals(): InboundTotals
}

export type InboundTotals = Record<ReceiveOutcome['kind'] | 'overload' | 'stranger', number>

export interface InboundDeps {
  timeline: Pick<Timeline, 'receive'>
  access: Pick<Access, 'isServed'>
  catchUp: Pick<CatchUp, 'want'>
  scoring: Pick<Scoring, 'penalise'>
  clock: Clock
  log: Logger
  /** Events a second from one peer; what is over it comes by sync. */
  eventsPerSecond: number
}

interface Waiter {
  text: string
  from: ServerName
  settle(verdict: GossipVerdict): void
}

const BATCH = 64
/**
 * No honest node comes near it. Beyond it a peer is not listened to for a while: gossipsub remembers each message for two
 * minutes, so that ignoring them one by one would fill our memory.
 */
const FLOOD_LIMIT = { perSecond: 5_000, burst: 20_000 }
/** All guilds together. */
const MAX_QUEUED = 2_048
/** What makes a stranger a member may be on its way, or have been what we passed over. */
const STRANGER_SYNC_LIMIT = { perSecond: 0.2, burst: 2 }
/** @NOTE without `ignoreBOM` a text would lose its byte order mark, and other bytes would stand for the same event. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * gossipsub asks for a verdict on each message. Messages that come while a batch is being stored make the next one, so a
 * lone message waits for nothing and a flood costs one write for 64.
 */
export function createInbound(deps: InboundDeps): Inbound {
  const { timeline, access, catchUp, scoring, log } = deps
  const limit = createRateLimit<ServerName>(deps.clock, {
    perSecond: deps.eventsPerSecond,
    burst: deps.eventsPerSecond,
  })
  const flood = createRateLimit<ServerName>(deps.clock, FLOOD_LIMIT)
  const strangers = createRateLimit<ServerName>(deps.clock, STRANGER_SYNC_LIMIT)
  const queues = new Map<GuildId, Waiter[]>()
  const busy = new Map<GuildId, Promise<void>>()
  let queued = 0
  const totals: InboundTotals = {
    accepted: 0,
    duplicate: 0,
    waiting: 0,
    refused: 0,
    rejected: 0,
    overload: 0,
    stranger: 0,
  }

  function take(guildId: GuildId, from: ServerName, data: Uint8Array): Promise<GossipVerdict> | GossipVerdict {
    if (!flood.allow(from)) scoring.penalise(from)
    if (!access.isServed(guildId, from)) {
      if (strangers.allow(from)) catchUp.want(from)
      return drop('stranger')
    }
    const text = textOf(data)
    if (text === undefined) return rejected(from)
    if (queued >= MAX_QUEUED || !limit.allow(from)) {
      catchUp.want(from)
      return drop('overload')
    }
    return new Promise((settle) => enqueue(guildId, { text, from, settle }))
  }

  function drop(why: 'overload' | 'stranger'): GossipVerdict {
    totals[why] += 1
    return 'ignore'
  }

  function rejected(from: ServerName): GossipVerdict {
    totals.rejected += 1
    scoring.penalise(from)
    return 'reject'
  }

  function enqueue(guildId: GuildId, waiter: Waiter): void {
    queued += 1
    const queue = queues.get(guildId) ?? []
    queues.set(guildId, queue)
    queue.push(waiter)
    if (!busy.has(guildId)) busy.set(guildId, drain(guildId, queue))
  }

  async function drain(guildId: GuildId, queue: Waiter[]): Promise<void> {
    while (queue.length > 0) await store(guildId, takeBatch(queue))
    busy.delete(guildId)
    queues.delete(guildId)
  }

  /** The next ones of the same sender. */
  function takeBatch(queue: Waiter[]): Waiter[] {
    const from = queue[0]?.from
    const other = queue.findIndex((waiter) => waiter.from !== from)
    const batch = queue.splice(0, Math.min(BATCH, other === -1 ? queue.length : other))
    queued -= batch.length
    return batch
  }

  async function store(guildId: GuildId, batch: readonly Waiter[]): Promise<void> {
    const from = batch[0]?.from
    if (from === undefined) return
    try {
      const outcomes = await timeline.receive(
        guildId,
        batch.map((waiter) => waiter.text),
        from,
      )
      batch.forEach((waiter, index) => waiter.settle(judge(from, outcomes[index])))
    } catch (error) {
      // A full disk, or a node that stops: what was not stored comes again by sync.
      log.warn({ guild_id: guildId, reason: messageOf(error) }, 'Gossiped events were not stored')
      for (const waiter of batch) waiter.settle('ignore')
    }
  }

  function judge(from: ServerName, outcome: ReceiveOutcome | undefined): GossipVerdict {
    if (outcome === undefined) return 'ignore'
    if (outcome.kind === 'rejected') return rejected(from)
    totals[outcome.kind] += 1
    switch (outcome.kind) {
      case 'accepted':
        return 'accept'
      case 'waiting':
        // Only time brings an event of the future.
        if (outcome.missing.some((missing) => !missing.startsWith('time:'))) catchUp.want(from)
        return 'ignore'
      case 'duplicate':
      case 'refused':
        return 'ignore'
    }
  }

  return {
    take,
    async settled() {
      while (busy.size > 0) await Promise.all(busy.values())
    },
    totals: () => ({ ...totals }),
  }
}

/** Undefined for what no honest node sends: too many bytes, or no UTF-8. */
function textOf(data: Uint8Array): string | undefined {
  if (data.byteLength > MAX_EVENT_BYTES) return undefined
  try {
    return decoder.decode(data)
  } catch {
    return undefined
  }
}

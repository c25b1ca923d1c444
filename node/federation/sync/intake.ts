import type { GuildId, ServerName } from '../../base/ids.ts'
import type { ReceiveOutcome, Timeline } from '../../services/timeline/types.ts'
import { ProtocolError } from '../frames.ts'
import { MAX_PAGE_EVENTS } from '../wire.ts'

export interface IntakeCounts {
  received: number
  accepted: number
  rejected: number
}

/** Stores what a peer streams, with at most two pages on their way so that verification never idles. */
export interface Intake {
  /** Settles when there is room for the next page. Throws `ProtocolError` when the peer misbehaves. */
  take(guildId: GuildId, texts: readonly string[]): Promise<void>
  /** Settles when everything taken is stored. */
  settled(): Promise<void>
  counts(): IntakeCounts
}

const MAX_PAGES_IN_FLIGHT = 2
/** No honest node holds an event with wrong bytes. One may come from a version that judges otherwise; many do not. */
const MAX_REJECTED = 16
/** Events that were made while the sync went on, and forks. */
const EXPECTED_MARGIN = 10_000

export function createIntake(timeline: Pick<Timeline, 'receive'>, from: ServerName, expected: number): Intake {
  const counts: IntakeCounts = { received: 0, accepted: 0, rejected: 0 }
  const inFlight = new Set<Promise<void>>()
  let fault: unknown

  function note(outcomes: readonly ReceiveOutcome[]): void {
    for (const outcome of outcomes) {
      if (outcome.kind === 'accepted' || outcome.kind === 'refused') counts.accepted += 1
      if (outcome.kind === 'rejected') counts.rejected += 1
    }
    if (counts.rejected > MAX_REJECTED) {
      fault ??= new ProtocolError('bad_events', `The peer sent ${counts.rejected} events with wrong bytes`)
    }
  }

  async function store(guildId: GuildId, texts: readonly string[]): Promise<void> {
    try {
      note(await timeline.receive(guildId, texts, from))
    } catch (error) {
      fault ??= error
    }
  }

  function checkSize(count: number): void {
    if (count === 0 || count > MAX_PAGE_EVENTS) throw new ProtocolError('bad_frame', `A page of ${count} events`)
    if (counts.received > expected + EXPECTED_MARGIN) {
      throw new ProtocolError('bad_events', 'The peer sent more events than it said it has')
    }
  }

  return {
    async take(guildId, texts) {
      counts.received += texts.length
      checkSize(texts.length)
      const stored = store(guildId, texts).finally(() => inFlight.delete(stored))
      inFlight.add(stored)
      if (inFlight.size >= MAX_PAGES_IN_FLIGHT) await Promise.race(inFlight)
      if (fault !== undefined) throw fault
    },
    async settled() {
      await Promise.all(inFlight)
      if (fault !== undefined) throw fault
    },
    counts: () => ({ ...counts }),
  }
}

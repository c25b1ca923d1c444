import type { ServerName } from '../../base/ids.ts'
import type { LogTip } from '../../services/timeline/types.ts'
import type { GuildOffer } from '../wire.ts'

/** Law heads in an offer: enough to see what is going on. What lacks is found by tips alone. */
export const MAX_HELLO_LAW_HEADS = 20
/** Tips of one equivocated log in an offer. */
export const MAX_FORK_TIPS = 16

/** Bytes of a value in a list in JSON. */
export const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value)) + 1

export interface CutTips {
  tips: LogTip[]
  /** Not all are there. */
  isCut: boolean
}

/**
 * At most some tips of each log: the furthest, so that nodes that hold the same name the same. Whoever wrote a fork at every
 * turn must not make hellos too large to be sent; of a log cut like this everything else is sent again.
 */
export function cutForks(all: readonly LogTip[]): CutTips {
  const byOrigin: Map<ServerName, LogTip[]> = Map.groupBy(all, (tip) => tip.origin)
  const tips = [...byOrigin.values()].flatMap((forks) =>
    forks.length <= MAX_FORK_TIPS ? forks : forks.sort(furthestFirst).slice(0, MAX_FORK_TIPS),
  )
  return { tips, isCut: tips.length < all.length }
}

function furthestFirst(left: LogTip, right: LogTip): number {
  return right.position - left.position || (left.eventId < right.eventId ? -1 : 1)
}

/** As many of the values as fit, and what is left of the bytes. The first one that does not fit ends the list. */
export function takeFitting<T>(values: Iterable<T>, bytes: number): { taken: T[]; left: number } {
  const taken: T[] = []
  let left = bytes
  for (const value of values) {
    const size = jsonBytes(value)
    if (size > left) break
    taken.push(value)
    left -= size
  }
  return { taken, left }
}

/** For a guild too large for a frame of its own: logs whose tips are left out are sent from their start. */
export function cutOffer(offer: GuildOffer, bytes: number): GuildOffer {
  const cut = { ...offer, tips: [], partial: true }
  return { ...cut, tips: takeFitting(offer.tips, bytes - jsonBytes(cut)).taken }
}

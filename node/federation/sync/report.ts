import type { GuildId } from '../../base/ids.ts'
import type { LogTip } from '../../services/timeline/types.ts'

export type GuildComparison =
  /** Same events, same law. */
  | { kind: 'in_sync' }
  /** Events one side holds and the other does not, as far as positions tell. */
  | { kind: 'lacking'; weLack: number; theyLack: number }
  /** Same events, another law: an alarm, one of the two nodes is broken. */
  | { kind: 'diverged'; ourHash: string; theirHash: string }

export interface GuildReport {
  guildId: GuildId
  /** Where the other side ended. */
  theirs: GuildSide
  comparison: GuildComparison
}

export interface SyncReport {
  guilds: GuildReport[]
  sent: number
  received: number
  /** Of those received: new to us. */
  accepted: number
  rejected: number
  /** The other side was admitted during this sync: another one will bring what this one could not. */
  again: boolean
}

export interface GuildSide {
  /** Hex BLAKE3 of the law state. */
  stateHash: string
  tips: readonly LogTip[]
}

/** How far `left` is behind `right`, in events. A fork at equal position counts as one. */
export function countLacking(left: readonly LogTip[], right: readonly LogTip[]): number {
  const held = new Set(left.map((tip) => tip.eventId))
  const positions = new Map<string, number>()
  for (const tip of left) positions.set(tip.origin, Math.max(tip.position, positions.get(tip.origin) ?? 0))
  return right
    .filter((tip) => !held.has(tip.eventId))
    .reduce((total, tip) => {
      const ahead = tip.position - (positions.get(tip.origin) ?? 0)
      return total + (ahead === 0 ? 1 : Math.max(0, ahead))
    }, 0)
}

export function compareGuild(ours: GuildSide, theirs: GuildSide): GuildComparison {
  const weLack = countLacking(ours.tips, theirs.tips)
  const theyLack = countLacking(theirs.tips, ours.tips)
  if (weLack + theyLack > 0) return { kind: 'lacking', weLack, theyLack }
  if (ours.stateHash !== theirs.stateHash) {
    return { kind: 'diverged', ourHash: ours.stateHash, theirHash: theirs.stateHash }
  }
  return { kind: 'in_sync' }
}

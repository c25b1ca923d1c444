import type { Clock } from '../base/clock.ts'
import type { GuildId, ServerName } from '../base/ids.ts'
import type { Access } from './grants.ts'
import type { Membership } from './membership.ts'

/**
 * Below `publishThreshold` a peer gets no gossip; below `graylistThreshold` we do not even listen. @NOTE a graylisted peer's
 * subscriptions are lost for good (gossipsub sends them once), so strangers, who may be members a second later, must stay above it.
 */
export const THRESHOLDS = {
  gossipThreshold: -10,
  publishThreshold: -50,
  graylistThreshold: -80,
  acceptPXThreshold: 10,
  opportunisticGraftThreshold: 1,
} as const

export const STRANGER_SCORE = -60
/** Eight messages with wrong bytes within a minute, and we stop listening. */
const REJECT_COST = -12
const FORGIVE_MS = 60_000

export interface Scoring {
  scoreOf(peer: ServerName): number
  /** A peer began or ceased to listen to a guild. */
  noteListening(peer: ServerName, guildId: GuildId, listens: boolean): void
  /** A peer sent bytes that no honest node sends. */
  penalise(peer: ServerName): void
  /** It is gone; what it owes stays. */
  forgetListening(peer: ServerName): void
}

export interface ScoringDeps {
  clock: Clock
  membership: Pick<Membership, 'isHeld'>
  access: Pick<Access, 'isServed' | 'guildsFor'>
}

interface Debt {
  rejects: number
  since: number
}

/**
 * gossipsub scores peers as a whole, not per topic, so whoever listens to one guild of ours that is not served to it gets
 * no gossip at all. What they may have comes by sync. Who was let in to join is served already.
 */
export function createScoring({ clock, membership, access }: ScoringDeps): Scoring {
  const debts = new Map<ServerName, Debt>()
  const listening = new Map<ServerName, Set<GuildId>>()

  function debtOf(peer: ServerName): Debt {
    const debt = debts.get(peer)
    return debt !== undefined && clock.now() - debt.since < FORGIVE_MS ? debt : { rejects: 0, since: clock.now() }
  }

  function isEavesdropper(peer: ServerName): boolean {
    const guilds = [...(listening.get(peer) ?? [])]
    return guilds.some((guildId) => membership.isHeld(guildId) && !access.isServed(guildId, peer))
  }

  const standingOf = (peer: ServerName): number =>
    access.guildsFor(peer).length > 0 && !isEavesdropper(peer) ? 0 : STRANGER_SCORE

  return {
    scoreOf: (peer) => standingOf(peer) + debtOf(peer).rejects * REJECT_COST,
    noteListening(peer, guildId, listens) {
      const guilds = listening.get(peer) ?? new Set()
      if (listens) guilds.add(guildId)
      else guilds.delete(guildId)
      listening.set(peer, guilds)
    },
    penalise(peer) {
      const debt = debtOf(peer)
      debts.set(peer, { ...debt, rejects: debt.rejects + 1 })
    },
    forgetListening: (peer) => listening.delete(peer),
  }
}

import type { Clock } from '../../base/clock.ts'
import type { ServerName } from '../../base/ids.ts'
import type { Logger } from '../../base/log.ts'
import type { GuildReport, SyncReport } from './report.ts'

export interface TimedReport {
  at: number
  guilds: readonly GuildReport[]
}

export interface SyncTotals {
  sessions: number
  failed: number
  sent: number
  received: number
  accepted: number
  diverged: number
}

/** What all syncs came to. A divergence is an alarm, never a surprise. */
export interface SyncLedger {
  note(peer: ServerName, report: SyncReport): void
  noteFailure(): void
  /** Of the newest sync with something in common. */
  lastReport(peer: ServerName): TimedReport | undefined
  totals(): SyncTotals
}

export function createSyncLedger(clock: Clock, log: Logger): SyncLedger {
  const reports = new Map<ServerName, TimedReport>()
  const totals: SyncTotals = { sessions: 0, failed: 0, sent: 0, received: 0, accepted: 0, diverged: 0 }

  function alarm(peer: ServerName, { guildId, comparison }: GuildReport): void {
    if (comparison.kind !== 'diverged') return
    totals.diverged += 1
    const { ourHash, theirHash } = comparison
    log.error(
      { peer, guild_id: guildId, our_hash: ourHash, their_hash: theirHash },
      'Same events, another law: this node or the peer is broken',
    )
  }

  return {
    note(peer, report) {
      totals.sessions += 1
      totals.sent += report.sent
      totals.received += report.received
      totals.accepted += report.accepted
      if (report.guilds.length > 0) reports.set(peer, { at: clock.now(), guilds: report.guilds })
      if (report.rejected > 0) log.warn({ peer, rejected: report.rejected }, 'A peer sent events with wrong bytes')
      if (report.sent + report.accepted > 0) {
        log.debug({ peer, sent: report.sent, accepted: report.accepted }, 'Synced')
      }
      for (const guild of report.guilds) alarm(peer, guild)
    },
    noteFailure: () => void (totals.failed += 1),
    lastReport: (peer) => reports.get(peer),
    totals: () => ({ ...totals }),
  }
}

import type Sqlite from 'better-sqlite3'
import type { PartHealth } from '../base/lifecycle.ts'
import type { Logger } from '../base/log.ts'
import type { Checkpointer } from './checkpointer.ts'
import type { Database } from './database.ts'
import { damaged, type Integrity, type IntegrityCheck } from './integrity.ts'
import { deleteMeta, upsertMeta } from './meta.ts'
import type { MigrationReport } from './migrate.ts'

export interface NodeDatabase extends Database {
  /** How the node before this one ended, as far as the file shows. */
  readonly lastStop: 'new' | 'clean' | 'unclean'
  readonly migration: MigrationReport
  /** What the check after an unclean stop found; undefined when none was needed. Never rejects. */
  readonly integrity: Promise<Integrity | undefined>
}

export interface RunOptions {
  log: Logger
  /** Peer id of the node the database is for, recorded in it; tools that work for any leave it out. */
  owner?: string
  lastStop: NodeDatabase['lastStop']
  migration: MigrationReport
  /** Done or still running, when the last stop was unclean. */
  check: IntegrityCheck | undefined
  checkpointer: Pick<Checkpointer, 'stop'>
}

/** In `meta` while a node has the database open: found at a start, it tells that the last stop was unclean. */
const RUNNING = 'running_pid'

export function isMarkedRunning(sqlite: Sqlite.Database): boolean {
  return sqlite.prepare('SELECT 1 FROM meta WHERE key = ?').get(RUNNING) !== undefined
}

/** Peer id of the node this database belongs to. */
const OWNER = 'peer_id'

/** Undefined for a database no node has started on yet. */
export function ownerOf(sqlite: Sqlite.Database): string | undefined {
  return sqlite.prepare<[string], string>('SELECT value FROM meta WHERE key = ?').pluck().get(OWNER)
}

/** Marks the database as in use until `close`, and watches over the check that may still run. */
export function runDatabase(db: Database, options: RunOptions): NodeDatabase {
  const { log, check, owner } = options
  db.writeNow((tx) => {
    upsertMeta(tx, RUNNING, String(process.pid))
    if (owner !== undefined) upsertMeta(tx, OWNER, owner)
  })
  void check?.result.then((integrity) => logIntegrity(log, db.path, integrity))

  function close(): void {
    check?.stop()
    // Without a good result the mark stays, so that the next start checks again.
    if (check === undefined || check.found()?.kind === 'sound') unmark()
    options.checkpointer.stop()
    db.close()
  }

  function unmark(): void {
    try {
      db.writeNow((tx) => deleteMeta(tx, RUNNING))
    } catch (error) {
      log.warn({ error }, 'The database could not be marked as closed; the next start checks it')
    }
  }

  return {
    ...db,
    lastStop: options.lastStop,
    migration: options.migration,
    integrity: check?.result ?? Promise.resolve(undefined),
    health: () => healthOf(check, db.path) ?? db.health(),
    close,
  }
}

/** Undefined when nothing is known against the file. */
function healthOf(check: IntegrityCheck | undefined, path: string): PartHealth | undefined {
  if (check === undefined) return undefined
  const found = check.found()
  switch (found?.kind) {
    case 'sound':
      return undefined
    case 'damaged':
      return { status: 'failed', details: damaged(path, found.problems).message, reason: 'corrupt' }
    case 'unchecked':
      return { status: 'degraded', details: `The database could not be checked: ${found.reason}`, reason: 'unchecked' }
    case undefined:
      return {
        status: 'degraded',
        details: 'The database is being checked after an unclean stop',
        reason: 'being_checked',
      }
  }
}

function logIntegrity(log: Logger, path: string, integrity: Integrity): void {
  switch (integrity.kind) {
    case 'sound':
      return log.info({ duration_ms: integrity.durationMs }, 'The last stop was unclean; the database is sound')
    case 'damaged':
      return log.error({ path, problems: integrity.problems }, 'The database is damaged')
    case 'unchecked':
      return log.warn({ path, reason: integrity.reason }, 'The database could not be checked after an unclean stop')
  }
}

import type Sqlite from 'better-sqlite3'
import { AppError, messageOf } from '../base/errors.ts'
import type { PartHealth } from '../base/lifecycle.ts'
import { DatabaseUnavailable, translateFault } from './database-fault.ts'
import { createGroupCommit } from './group-commit.ts'
import { createTransactor } from './transactor.ts'

export type SqlValue = string | number | bigint | Uint8Array | null

/** Reads within one consistent view. A storage function takes it first and never opens a transaction itself. */
export interface ReadTx {
  get<Row>(sql: string, ...values: SqlValue[]): Row | undefined
  /** All rows at once: bound it by a LIMIT where a table grows. */
  all<Row>(sql: string, ...values: SqlValue[]): Row[]
}

/** Writes. Everything done with one `WriteTx` is kept together or not at all. */
export interface WriteTx extends ReadTx {
  run(sql: string, ...values: SqlValue[]): { changes: number; rowId: number }
  /**
   * Runs after the commit that made these writes durable, before the writer's promise settles; not at all when they are
   * undone. Must not throw. The same function given twice runs once.
   */
  afterCommit(hook: () => void): void
  /** Runs when these writes are undone, so that caches can be dropped. The same function given twice runs once. */
  afterRollback(hook: () => void): void
}

export interface DatabaseStats {
  commits: number
  writes: number
  queued: number
}

export interface Database {
  readonly path: string
  /** Synchronous, so nothing is written while it runs. Throws `not_ready` after `close`. */
  read<T>(work: (tx: ReadTx) => T): T
  /**
   * Group commit: writes queued in one turn of the event loop share one durable transaction. Each runs in its own
   * savepoint, so one that throws undoes only itself. `work` is synchronous. Settles after the commit is on disk.
   * Throws `storage_full` when the disk is full, `database_unavailable` when the file fails, `not_ready` after `close`.
   */
  write<T>(work: (tx: WriteTx) => T): Promise<T>
  /** The same in a transaction of its own, at once: for start-up and tools. Not from within a write. */
  writeNow<T>(work: (tx: WriteTx) => T): T
  stats(): DatabaseStats
  /** Failed while the disk is full, until a write succeeds again; and for good once the file was seen to be damaged. */
  health(): PartHealth
  /** Commits what is queued, checkpoints and closes. Safe to call twice. */
  close(): void
}

/** For tools that only look. */
export type DatabaseReader = Pick<Database, 'path' | 'read' | 'close'>

export interface DatabaseOptions {
  /** `full` makes every acknowledged write survive a power cut. */
  synchronous: 'full' | 'normal'
  /** Most writes that share one commit. */
  maxBatch: number
  /** After this long a group takes no further writes, so that the event loop gets its turn. */
  maxGroupMs?: number
}

export interface DatabaseSettings extends Omit<DatabaseOptions, 'synchronous'> {
  /** After each durable commit. */
  onCommit?: () => void
}

/** With the commit itself near the 10 ms after which clients notice (style guide, section 4). */
const MAX_GROUP_MS = 8

/** A database over an open connection, which it closes. */
export function createDatabase(sqlite: Sqlite.Database, options: DatabaseSettings): Database {
  const path = sqlite.name
  const transactor = createTransactor(sqlite)
  const totals = { commits: 0, writes: 0 }
  let damage: PartHealth | undefined
  let obstacle: PartHealth | undefined
  const group = createGroupCommit(transactor, {
    maxBatch: options.maxBatch,
    maxGroupMs: options.maxGroupMs ?? MAX_GROUP_MS,
    onCommit: noteCommit,
    translate: noteFault,
  })

  function noteCommit(writes: number): void {
    totals.commits += 1
    totals.writes += writes
    obstacle = undefined
    options.onCommit?.()
  }

  function noteFault(thrown: unknown): unknown {
    const error = translateFault(thrown, path)
    if (error instanceof DatabaseUnavailable && error.fault === 'corrupt') damage = failed(error.message, 'corrupt')
    else if (error !== thrown) obstacle = failed(messageOf(error), reasonOf(error))
    return error
  }

  function guard<T>(work: () => T): T {
    if (!sqlite.open) throw closed()
    try {
      return work()
    } catch (error) {
      throw noteFault(error)
    }
  }

  function close(): void {
    if (!sqlite.open) return
    group.drain()
    try {
      // Others who are reading are not waited for: what is committed is safe in the write-ahead log all the same.
      sqlite.pragma('busy_timeout = 0')
      sqlite.pragma('wal_checkpoint(TRUNCATE)')
    } catch (error) {
      noteFault(error)
    } finally {
      sqlite.close()
    }
  }

  return {
    path,
    read: (work) => guard(() => work(transactor.tx)),
    write: (work) => (sqlite.open ? group.write(work) : Promise.reject(closed())),
    writeNow: (work) =>
      guard(() => {
        const result = transactor.run(() => work(transactor.tx))
        noteCommit(1)
        return result
      }),
    stats: () => ({ ...totals, queued: group.queued() }),
    health: () => damage ?? obstacle ?? { status: 'ready' },
    close,
  }
}

const failed = (details: string, reason: string): PartHealth => ({ status: 'failed', details, reason })

function reasonOf(error: unknown): string {
  if (error instanceof DatabaseUnavailable) return error.fault
  return error instanceof AppError ? error.code : 'unreadable'
}

const closed = () => new AppError('not_ready', 'The node is shutting down; try again shortly')

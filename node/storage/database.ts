import Sqlite from 'better-sqlite3'
import { AppError, messageOf } from '../base/errors.ts'

export type SqlValue = string | number | bigint | Uint8Array | null

/** Reads within one consistent view. A storage function takes it first and never opens a transaction itself. */
export interface ReadTx {
  get<Row>(sql: string, ...values: SqlValue[]): Row | undefined
  all<Row>(sql: string, ...values: SqlValue[]): Row[]
  /** One row at a time, for long reads. Nothing may be written before the loop has ended. */
  iterate<Row>(sql: string, ...values: SqlValue[]): IterableIterator<Row>
}

/** Writes. Everything done with one `WriteTx` is kept together or not at all. */
export interface WriteTx extends ReadTx {
  run(sql: string, ...values: SqlValue[]): { changes: number; rowId: number }
  /**
   * Runs after the commit that made these writes durable, before the writer's promise settles. Must not throw. The same
   * function given twice runs once.
   */
  afterCommit(hook: () => void): void
  /** Runs when these writes are undone after the writing function had returned, so that caches can be dropped. */
  afterRollback(hook: () => void): void
}

export interface DatabaseStats {
  commits: number
  writes: number
  queued: number
}

export interface Database {
  readonly path: string
  read<T>(work: (tx: ReadTx) => T): T
  /**
   * Group commit: writes queued in one turn of the event loop share one durable transaction. Each runs in its own
   * savepoint, so one that throws undoes only itself. Settles after the commit is on disk.
   * Throws `storage_full` when the disk is full and `not_ready` after `close`.
   */
  write<T>(work: (tx: WriteTx) => T): Promise<T>
  /** The same in a transaction of its own, at once: for start-up and tools. */
  writeNow<T>(work: (tx: WriteTx) => T): T
  stats(): DatabaseStats
  /** Commits what is queued, checkpoints and closes. Safe to call twice. */
  close(): void
}

export interface DatabaseOptions {
  /** `full` makes every acknowledged write survive a power cut. */
  synchronous: 'full' | 'normal'
  /** Most writes that share one commit. */
  maxBatch: number
}

interface QueuedWrite {
  run: (tx: WriteTx) => () => void
  reject: (reason: unknown) => void
}

export function openDatabase(path: string, options: DatabaseOptions): Database {
  const sqlite = new Sqlite(path)
  sqlite.pragma('journal_mode = WAL')
  sqlite.pragma(`synchronous = ${options.synchronous}`)
  sqlite.pragma('foreign_keys = ON')
  sqlite.pragma('wal_autocheckpoint = 10000')
  sqlite.pragma('busy_timeout = 2000')
  return createDatabase(sqlite, options)
}

function createDatabase(sqlite: Sqlite.Database, options: DatabaseOptions): Database {
  const statements = new Map<string, Sqlite.Statement>()
  const stats: DatabaseStats = { commits: 0, writes: 0, queued: 0 }
  let queue: QueuedWrite[] = []
  let scheduled = false
  let committed = new Set<() => void>()
  let undone: (() => void)[] = []

  function prepare(sql: string): Sqlite.Statement {
    let statement = statements.get(sql)
    if (statement === undefined) {
      statement = sqlite.prepare(sql)
      statements.set(sql, statement)
    }
    return statement
  }

  const tx: WriteTx = {
    // Row shapes are declared beside their SQL in `storage`; STRICT tables hold them to it.
    get: <Row>(sql: string, ...values: SqlValue[]) => prepare(sql).get(...values) as Row | undefined,
    all: <Row>(sql: string, ...values: SqlValue[]) => prepare(sql).all(...values) as Row[],
    // @NOTE not from the cache: a cached statement that is still iterating cannot be used again.
    iterate: <Row>(sql: string, ...values: SqlValue[]) =>
      sqlite.prepare(sql).iterate(...values) as IterableIterator<Row>,
    run(sql, ...values) {
      const result = prepare(sql).run(...values)
      return { changes: result.changes, rowId: Number(result.lastInsertRowid) }
    },
    afterCommit: (hook) => void committed.add(hook),
    afterRollback: (hook) => void undone.push(hook),
  }

  const begin = sqlite.prepare('BEGIN IMMEDIATE')
  const commit = sqlite.prepare('COMMIT')
  const rollback = sqlite.prepare('ROLLBACK')
  const savepoint = sqlite.prepare('SAVEPOINT write')
  const release = sqlite.prepare('RELEASE write')
  const undo = sqlite.prepare('ROLLBACK TO write')

  function takeHooks() {
    const hooks = { committed, undone }
    committed = new Set()
    undone = []
    return hooks
  }

  /** Runs `work` inside one transaction; on any fault everything is undone and the caches are told. */
  function transaction<T>(work: () => T): T {
    try {
      begin.run()
      const result = work()
      commit.run()
      stats.commits += 1
      for (const hook of takeHooks().committed) hook()
      return result
    } catch (error) {
      if (sqlite.inTransaction) rollback.run()
      for (const hook of takeHooks().undone) hook()
      throw translate(error)
    }
  }

  /** One queued write in its savepoint. Gives what settles its promise once the group is durable. */
  function runQueued(write: QueuedWrite): () => void {
    const mark = undone.length
    savepoint.run()
    try {
      const settle = write.run(tx)
      release.run()
      stats.writes += 1
      return settle
    } catch (error) {
      // @NOTE a full disk rolls the whole transaction back by itself: then the group has failed, not this write alone.
      if (!sqlite.inTransaction) throw error
      undo.run()
      release.run()
      for (const hook of undone.splice(mark)) hook()
      return () => write.reject(translate(error))
    }
  }

  function flush(): void {
    scheduled = false
    const group = queue.splice(0, options.maxBatch)
    stats.queued = queue.length
    if (group.length === 0) return
    if (queue.length > 0) schedule()
    let settlers: (() => void)[]
    try {
      settlers = transaction(() => group.map(runQueued))
    } catch (error) {
      for (const write of group) write.reject(error)
      return
    }
    for (const settle of settlers) settle()
  }

  function schedule(): void {
    if (scheduled) return
    scheduled = true
    setImmediate(flush)
  }

  return {
    path: sqlite.name,
    read: (work) => work(tx),
    write: (work) =>
      new Promise((resolve, reject) => {
        if (!sqlite.open) return reject(new AppError('not_ready', 'The node is shutting down; try again shortly'))
        queue.push({
          run(writeTx) {
            const result = work(writeTx)
            return () => resolve(result)
          },
          reject,
        })
        stats.queued = queue.length
        schedule()
      }),
    writeNow: (work) => transaction(() => work(tx)),
    stats: () => ({ ...stats }),
    close() {
      if (!sqlite.open) return
      while (queue.length > 0) flush()
      sqlite.pragma('wal_checkpoint(TRUNCATE)')
      sqlite.close()
    },
  }
}

function translate(error: unknown): unknown {
  const code = error instanceof Sqlite.SqliteError ? error.code : undefined
  if (code === 'SQLITE_FULL' || code?.startsWith('SQLITE_IOERR')) {
    return new AppError('storage_full', `The disk cannot take more data (${messageOf(error)}); free some space`, {
      cause: error,
    })
  }
  return error
}

import type Sqlite from 'better-sqlite3'
import type { SqlValue, WriteTx } from './database.ts'

/** What was asked for by the writes of one transaction or savepoint. A set: the same function given twice runs once. */
interface Hooks {
  committed: Set<() => void>
  undone: Set<() => void>
}

export type Attempt<T> = { kind: 'kept'; value: T } | { kind: 'undone'; error: unknown }

/** Transactions of one connection and the hooks that go with them. */
export interface Transactor {
  readonly tx: WriteTx
  /** Runs `work` in one durable transaction, or throws with everything undone. Does not nest. */
  run<T>(work: () => T): T
  /**
   * Within `run`: a part that can be undone without the rest. Throws only when SQLite has undone the whole transaction by
   * itself, as it may when the disk is full.
   */
  attempt<T>(work: () => T): Attempt<T>
}

export function createTransactor(sqlite: Sqlite.Database): Transactor {
  // Bounded by the number of SQL texts in the source: values are always parameters.
  const statements = new Map<string, Sqlite.Statement>()
  const begin = sqlite.prepare('BEGIN IMMEDIATE')
  const commit = sqlite.prepare('COMMIT')
  const rollback = sqlite.prepare('ROLLBACK')
  const savepoint = sqlite.prepare('SAVEPOINT attempt')
  const release = sqlite.prepare('RELEASE attempt')
  const undo = sqlite.prepare('ROLLBACK TO attempt')
  let hooks = newHooks()

  function prepare(sql: string): Sqlite.Statement {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const statement = sqlite.prepare(sql)
    statements.set(sql, statement)
    return statement
  }

  const tx: WriteTx = {
    // Row shapes are declared beside their SQL in `storage`; STRICT tables hold them to it.
    get: <Row>(sql: string, ...values: SqlValue[]) => prepare(sql).get(...values) as Row | undefined,
    all: <Row>(sql: string, ...values: SqlValue[]) => prepare(sql).all(...values) as Row[],
    run(sql, ...values) {
      const result = prepare(sql).run(...values)
      return { changes: result.changes, rowId: Number(result.lastInsertRowid) }
    },
    afterCommit: (hook) => void hooks.committed.add(hook),
    afterRollback: (hook) => void hooks.undone.add(hook),
  }

  function run<T>(work: () => T): T {
    // @NOTE without this, the failing BEGIN would roll back the transaction of the outer write.
    if (sqlite.inTransaction) throw new Error('A write does not nest: do the work with the tx at hand')
    hooks = newHooks()
    let result: T
    try {
      begin.run()
      result = finished(work())
      commit.run()
    } catch (error) {
      undoAll()
      throw error
    }
    // What is durable stays acknowledged, whatever happens in the hooks.
    runAll(hooks.committed)
    return result
  }

  function undoAll(): void {
    try {
      if (sqlite.inTransaction) rollback.run()
    } finally {
      runAll(hooks.undone)
    }
  }

  function attempt<T>(work: () => T): Attempt<T> {
    savepoint.run()
    const outer = hooks
    hooks = newHooks()
    try {
      const value = finished(work())
      release.run()
      return { kind: 'kept', value }
    } catch (error) {
      if (!sqlite.inTransaction) throw error
      undo.run()
      release.run()
      runAll(hooks.undone)
      hooks = newHooks()
      return { kind: 'undone', error }
    } finally {
      hooks = merge(outer, hooks)
    }
  }

  return { tx, run, attempt }
}

/** Work that goes on after its transaction would write outside of any. */
function finished<T>(result: T): T {
  if (result instanceof Promise) throw new Error('A write is synchronous: nothing may be awaited in it')
  return result
}

const newHooks = (): Hooks => ({ committed: new Set(), undone: new Set() })

function merge(outer: Hooks, inner: Hooks): Hooks {
  for (const hook of inner.committed) outer.committed.add(hook)
  for (const hook of inner.undone) outer.undone.add(hook)
  return outer
}

/** A hook that throws is a fault of the program: it must not take the others along, nor pass unseen. */
function runAll(pending: Iterable<() => void>): void {
  for (const hook of pending) {
    try {
      hook()
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }
}

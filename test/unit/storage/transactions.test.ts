import { describe, expect, it, onTestFinished } from 'vitest'
import { AppError } from '../../../node/base/errors.ts'
import type { Database, ReadTx, WriteTx } from '../../../node/storage/database.ts'
import { openTestDatabase } from '../../kit/database.ts'

async function openDb(options: { maxGroupMs?: number } = {}): Promise<Database> {
  const database = await openTestDatabase(options)
  onTestFinished(() => database[Symbol.asyncDispose]())
  return database.db
}

const put = (key: string) => (tx: WriteTx) => void tx.run(`INSERT INTO meta (key, value) VALUES (?, '')`, key)
const keys = (tx: ReadTx) =>
  tx.all<{ key: string }>(`SELECT key FROM meta WHERE key LIKE 'test.%' ORDER BY key`).map((row) => row.key)

/** Keeps faults thrown outside of any promise from failing the run, and gives them. */
function uncaughtFaults(): unknown[] {
  const faults: unknown[] = []
  const listeners = process.listeners('uncaughtException')
  const keep = (fault: unknown) => void faults.push(fault)
  process.removeAllListeners('uncaughtException').on('uncaughtException', keep)
  onTestFinished(() => {
    process.off('uncaughtException', keep)
    for (const listener of listeners) process.on('uncaughtException', listener)
  })
  return faults
}

describe('group commit', () => {
  it('writes queued in one turn share one commit', async () => {
    const db = await openDb()
    const before = db.stats()

    await Promise.all(['test.a', 'test.b', 'test.c'].map((key) => db.write(put(key))))

    expect(db.read(keys)).toEqual(['test.a', 'test.b', 'test.c'])
    expect(db.stats()).toEqual({ commits: before.commits + 1, writes: before.writes + 3, queued: 0 })
  })

  it('gives what the work gives', async () => {
    const db = await openDb()

    expect(await db.write((tx) => tx.run(`INSERT INTO meta VALUES ('test.a', '')`).changes)).toBe(1)
  })

  it('a write that throws undoes only itself', async () => {
    const db = await openDb()
    const refusal = new AppError('forbidden', 'no')

    const settled = await Promise.allSettled([
      db.write(put('test.a')),
      db.write((tx) => {
        put('test.b')(tx)
        throw refusal
      }),
      db.write(put('test.c')),
    ])

    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(settled[1]).toMatchObject({ reason: refusal })
    expect(db.read(keys)).toEqual(['test.a', 'test.c'])
  })

  it('a write sees what those before it in the group wrote', async () => {
    const db = await openDb()

    const [, seen] = await Promise.all([db.write(put('test.a')), db.write(keys)])

    expect(seen).toEqual(['test.a'])
  })

  it('a group takes no more writes than it may, and no promise stays open', async () => {
    const db = await openDb()
    const before = db.stats().commits

    await Promise.all(Array.from({ length: 600 }, (_, index) => db.write(put(`test.${index}`))))

    expect(db.read(keys)).toHaveLength(600)
    expect(db.stats().commits - before).toBeGreaterThanOrEqual(3)
  })

  it('lets the event loop breathe between slow writes that wait together', async () => {
    const db = await openDb({ maxGroupMs: 8 })
    const slow = (key: string) => (tx: WriteTx) => {
      const end = performance.now() + 5
      while (performance.now() < end);
      put(key)(tx)
    }
    let turns = 0
    const count = setInterval(() => (turns += 1), 0)

    await Promise.all(Array.from({ length: 20 }, (_, index) => db.write(slow(`test.${index}`))))
    clearInterval(count)

    expect(turns).toBeGreaterThanOrEqual(5)
  })

  it('takes writes that are asked for while a group is being committed', async () => {
    const db = await openDb()
    let later: Promise<void> | undefined

    await db.write((tx) => {
      put('test.a')(tx)
      later = db.write(put('test.b'))
      tx.afterCommit(() => void db.write(put('test.c')))
    })
    await later
    await db.write(() => {})

    expect(db.read(keys)).toEqual(['test.a', 'test.b', 'test.c'])
  })

  it('refuses a write within a write and keeps the outer one', async () => {
    const db = await openDb()
    const nested = (tx: WriteTx) => {
      put('test.a')(tx)
      expect(() => db.writeNow(put('test.b'))).toThrow('does not nest')
    }

    await db.write(nested)

    expect(db.read(keys)).toEqual(['test.a'])
  })
})

describe('a write that awaits something', () => {
  it('is refused and undone, because it would go on outside of its transaction', async () => {
    const db = await openDb()
    const later = (tx: WriteTx) => Promise.resolve().then(() => put('test.later')(tx))

    const refused = db.write((tx) => {
      put('test.a')(tx)
      return later(tx)
    })

    await expect(refused).rejects.toThrow('A write is synchronous')
    expect(db.read(keys)).not.toContain('test.a')
  })
})

describe('hooks', () => {
  it('run after the commit and before the writer goes on, each function once', async () => {
    const db = await openDb()
    const order: string[] = []
    const hook = () => void order.push(`hook sees ${db.read(keys)}`)
    const write = (key: string) =>
      db.write((tx) => {
        put(key)(tx)
        tx.afterCommit(hook)
      })

    await Promise.all([write('test.a').then(() => order.push('settled')), write('test.b')])

    expect(order).toEqual(['hook sees test.a,test.b', 'settled'])
  })

  it('of an undone write: only those for the undoing run', async () => {
    const db = await openDb()
    const told: string[] = []
    const shared = () => void told.push('shared undone')

    await Promise.allSettled([
      db.write((tx) => {
        tx.afterCommit(() => told.push('a committed'))
        tx.afterRollback(() => told.push('a undone'))
        tx.afterRollback(shared)
      }),
      db.write((tx) => {
        tx.afterCommit(() => told.push('b committed'))
        tx.afterRollback(() => told.push('b undone'))
        tx.afterRollback(shared)
        throw new Error('b fails')
      }),
    ])

    expect(told).toEqual(['b undone', 'shared undone', 'a committed'])
  })

  it('of every write run when the whole group is undone', async () => {
    const db = await openDb()
    const told: string[] = []
    const dangling = (tx: WriteTx) => {
      // Deferred to the commit, so that the commit itself is what fails.
      tx.run('PRAGMA defer_foreign_keys = ON')
      tx.run(`INSERT INTO server_roles VALUES ('nobody', 'owner', 0)`)
      tx.afterRollback(() => told.push('dangling undone'))
    }
    const sound = (tx: WriteTx) => {
      put('test.a')(tx)
      tx.afterCommit(() => told.push('committed'))
      tx.afterRollback(() => told.push('sound undone'))
    }

    const settled = await Promise.allSettled([db.write(sound), db.write(dangling)])

    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(told).toEqual(['sound undone', 'dangling undone'])
    expect(db.read(keys)).toEqual([])
  })

  it('that throw are reported as a fault, and what is durable stays acknowledged', async () => {
    const db = await openDb()
    const faults = uncaughtFaults()
    const fault = new Error('a broken hook')
    let others = 0

    const settled = await Promise.allSettled([
      db.write((tx) => {
        put('test.a')(tx)
        tx.afterCommit(() => {
          throw fault
        })
      }),
      db.write((tx) => tx.afterCommit(() => (others += 1))),
    ])

    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
    expect(db.read(keys)).toEqual(['test.a'])
    expect(others).toBe(1)
    expect(faults).toEqual([fault])
  })
})

describe('a database that cannot grow', () => {
  const limitPages = (db: Database, pages: number) => db.read((tx) => tx.get(`PRAGMA max_page_count = ${pages}`))
  const large = (key: string) => (tx: WriteTx) =>
    void tx.run('INSERT INTO meta VALUES (?, ?)', key, 'x'.repeat(100_000))

  it('fails the writes that do not fit with all their hooks, and takes writes again once it can', async () => {
    const db = await openDb()
    await db.write(large('test.before'))
    const told: string[] = []
    limitPages(db, 1)

    const failed = db.write((tx) => {
      tx.afterCommit(() => told.push('committed'))
      tx.afterRollback(() => told.push('undone'))
      large('test.during')(tx)
    })

    await expect(failed).rejects.toMatchObject({ code: 'storage_full' })
    expect(told).toEqual(['undone'])
    expect(db.health()).toMatchObject({ status: 'failed' })

    limitPages(db, 1_000_000)
    await db.write(large('test.after'))

    expect(db.read(keys)).toEqual(['test.after', 'test.before'])
    expect(db.health()).toEqual({ status: 'ready' })
  })
})

describe('closing', () => {
  it('commits what is queued', async () => {
    const database = await openTestDatabase()
    onTestFinished(() => database[Symbol.asyncDispose]())

    const queued = ['test.a', 'test.b'].map((key) => database.db.write(put(key)))
    const reopened = database.reopen()
    await Promise.all(queued)

    expect(reopened.read(keys)).toEqual(['test.a', 'test.b'])
  })

  it('is safe to do twice, and afterwards callers hear that the node is stopping', async () => {
    const db = await openDb()

    db.close()
    db.close()

    const notReady = expect.objectContaining({ code: 'not_ready' })
    await expect(db.write(put('test.a'))).rejects.toEqual(notReady)
    expect(() => db.read(keys)).toThrow(notReady)
    expect(() => db.writeNow(put('test.a'))).toThrow(notReady)
  })
})

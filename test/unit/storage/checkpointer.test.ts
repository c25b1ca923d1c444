import { existsSync, statSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { until } from '../../kit/until.ts'
import { tempDir } from '../../kit/temp-dir.ts'
import { silentLogger } from '../../../node/base/log.ts'
import type { NodeDatabase } from '../../../node/storage/node-database.ts'
import { openNodeDatabase } from '../../../node/storage/open.ts'

const ROWS = 1_000
/** Far less than SQLite waits for before it moves the log by itself (`wal_autocheckpoint`). */
const ROW_BYTES = 1_000

function open(path: string): NodeDatabase {
  const db = openNodeDatabase(path, { synchronous: 'full', maxBatch: 64, log: silentLogger })
  onTestFinished(() => db.close())
  return db
}

function writeRows(db: NodeDatabase, prefix: string): void {
  db.writeNow((tx) => {
    for (let index = 0; index < ROWS; index += 1) {
      tx.run('INSERT INTO meta (key, value) VALUES (?, ?)', `${prefix}.${index}`, 'x'.repeat(ROW_BYTES))
    }
  })
}

const countRows = (db: NodeDatabase) =>
  db.read((tx) => tx.get<{ total: number }>(`SELECT count(*) AS total FROM meta WHERE key LIKE 'test%'`)?.total)

describe('the write-ahead log', () => {
  it('is moved into the database while the node is running', async () => {
    const path = tempDir().file('node.db')
    const db = open(path)

    writeRows(db, 'test')

    await until(() => statSync(path).size > ROWS * ROW_BYTES, { describe: () => statSync(path).size })
    expect(countRows(db)).toBe(ROWS)
  })

  it('is gone after a close that comes in the middle of a move', () => {
    const path = tempDir().file('node.db')
    const db = open(path)
    writeRows(db, 'test')

    db.close()

    expect(existsSync(`${path}-wal`)).toBe(false)
    expect(countRows(open(path))).toBe(ROWS)
  })
})

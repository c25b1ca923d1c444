import { copyFileSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { recordingLogger } from '../../kit/log.ts'
import { overwrite } from '../../kit/faulty-files.ts'
import { type TempDir, tempDir } from '../../kit/temp-dir.ts'
import { silentLogger } from '../../../node/base/log.ts'
import type { NodeDatabase } from '../../../node/storage/node-database.ts'
import { openNodeDatabase, type OpenOptions } from '../../../node/storage/open.ts'

function open(path: string, options: Partial<OpenOptions> = {}): NodeDatabase {
  const db = openNodeDatabase(path, { synchronous: 'full', maxBatch: 64, log: silentLogger, ...options })
  onTestFinished(() => db.close())
  return db
}

/** A database of about 1 MB, closed cleanly. */
function makeDatabase(path: string): void {
  const db = open(path)
  db.writeNow((tx) => {
    for (let index = 0; index < 1_000; index += 1) {
      tx.run('INSERT INTO meta (key, value) VALUES (?, ?)', `test.${index}`, 'x'.repeat(1_000))
    }
  })
  db.close()
}

/** What a kill would leave: the files of a running node, copied. */
function crashCopy(directory: TempDir, prepare: (db: NodeDatabase) => void = () => {}): string {
  const path = directory.file('running.db')
  makeDatabase(path)
  const db = open(path)
  prepare(db)
  const copy = directory.file('node.db')
  for (const suffix of ['', '-wal']) copyFileSync(path + suffix, copy + suffix)
  db.close()
  return copy
}

const countNotes = (db: NodeDatabase) =>
  db.read((tx) => tx.get<{ total: number }>(`SELECT count(value) AS total FROM meta WHERE key LIKE 'test.%'`)?.total)

const faultOf = (fault: string, message: RegExp) =>
  expect.objectContaining({ code: 'database_unavailable', fault, message: expect.stringMatching(message) })

describe('opening a database', () => {
  it('tells a new one, one that was closed, and one that was not', async () => {
    const directory = tempDir()
    const path = directory.file('node.db')

    const fresh = open(path)
    fresh.close()
    const closed = open(path)
    closed.close()
    const crashed = open(crashCopy(directory))

    expect([fresh, closed, crashed].map((db) => db.lastStop)).toEqual(['new', 'clean', 'unclean'])
    expect(await closed.integrity).toBeUndefined()
    expect(await crashed.integrity).toMatchObject({ kind: 'sound' })
    expect(crashed.health()).toEqual({ status: 'ready' })
  })

  it('keeps what was committed before an unclean stop', () => {
    const directory = tempDir()
    const path = crashCopy(directory, (db) => db.writeNow((tx) => tx.run(`INSERT INTO meta VALUES ('test.last', '')`)))

    expect(countNotes(open(path))).toBe(1_001)
  })

  it('counts as clean again after a clean stop', () => {
    const directory = tempDir()
    const path = crashCopy(directory)

    open(path).close()

    expect(open(path).lastStop).toBe('clean')
  })

  it('checks a large one in the background and is degraded meanwhile', async () => {
    const directory = tempDir()
    const log = recordingLogger()

    const db = open(crashCopy(directory), { checkAtOnceBytes: 0, log })
    const atFirst = db.health()
    await db.writeNow((tx) => tx.run(`INSERT INTO meta VALUES ('test.last', '')`))

    expect(atFirst).toMatchObject({ status: 'degraded', details: expect.stringContaining('being checked') })
    expect(await db.integrity).toMatchObject({ kind: 'sound' })
    expect(db.health()).toEqual({ status: 'ready' })
    expect(log.lines.map((line) => [line.level, line.sentence])).toEqual([
      ['info', 'The last stop was unclean; the database is sound'],
    ])
  })

  it('checks again when the node stopped before the check had ended', async () => {
    const directory = tempDir()
    const path = crashCopy(directory)

    const first = open(path, { checkAtOnceBytes: 0 })
    first.close()

    expect(await first.integrity).toEqual({ kind: 'unchecked', reason: 'the check was stopped' })
    expect(open(path).lastStop).toBe('unclean')
  })
})

describe('a damaged database', () => {
  it('is refused after an unclean stop, with what to do', () => {
    const directory = tempDir()
    const path = crashCopy(directory)
    overwrite(path, { at: 'middle', bytes: 16_384 })
    writeFileSync(`${path}.before-1.snapshot`, '')

    expect(() => open(path)).toThrow(
      faultOf('corrupt', /node\.db is damaged.*export-events.*node\.db\.before-1\.snapshot/s),
    )
    expect(() => open(path)).toThrow(faultOf('corrupt', /damaged/))
  })

  it('makes the node fail, not stop, when the background check finds it', async () => {
    const directory = tempDir()
    const path = crashCopy(directory)
    overwrite(path, { at: 'middle', bytes: 16_384 })

    const db = open(path, { checkAtOnceBytes: 0 })

    expect(await db.integrity).toMatchObject({ kind: 'damaged' })
    expect(db.health()).toEqual({ status: 'failed', details: expect.stringContaining('is damaged'), reason: 'corrupt' })
    db.close()
    expect(() => open(path)).toThrow(faultOf('corrupt', /damaged/))
  })

  it('makes the node fail when reading meets the damage', () => {
    const directory = tempDir()
    const path = directory.file('node.db')
    makeDatabase(path)
    overwrite(path, { at: 'middle', bytes: 16_384 })

    const db = open(path)

    expect(() => countNotes(db)).toThrow(faultOf('corrupt', /damaged/))
    expect(db.health()).toEqual({ status: 'failed', details: expect.stringContaining('is damaged'), reason: 'corrupt' })
  })

  it('cut off at half its length is refused', () => {
    const directory = tempDir()
    const path = directory.file('node.db')
    makeDatabase(path)
    truncateSync(path, Math.floor(readFileSync(path).length / 2))

    expect(() => open(path)).toThrow(faultOf('corrupt', /damaged/))
  })

  it.each([
    ['overwritten at its start', (path: string) => overwrite(path, { at: 0, bytes: 512 })],
    ['replaced by text', (path: string) => writeFileSync(path, 'This is not a database, it is a letter.'.repeat(100))],
  ])('%s is refused and left alone', (_, damage) => {
    const directory = tempDir()
    const path = directory.file('node.db')
    makeDatabase(path)
    damage(path)
    const before = readFileSync(path)

    expect(() => open(path)).toThrow(faultOf('not_a_database', /node\.db is not a database.*export-events/s))

    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('emptied is not taken for a new one', () => {
    const directory = tempDir()
    const path = directory.file('node.db')
    makeDatabase(path)
    truncateSync(path, 0)

    expect(() => open(path)).toThrow(faultOf('other_program', /lost its content/))

    expect(readFileSync(path)).toHaveLength(0)
  })

  it('whose write-ahead log is garbage is refused until the log is moved away', () => {
    const directory = tempDir()
    const path = crashCopy(directory, (db) => db.writeNow((tx) => tx.run(`INSERT INTO meta VALUES ('test.last', '')`)))
    overwrite(`${path}-wal`, { at: 0, bytes: 64 })

    expect(() => open(path)).toThrow(faultOf('log_damaged', /write-ahead log .*node\.db-wal is damaged/))
    rmSync(`${path}-wal`)

    expect(countNotes(open(path))).toBe(1_000)
  })

  it('whose write-ahead log is garbage further on holds a beginning of what was written', () => {
    const directory = tempDir()
    const path = crashCopy(directory, (db) => {
      for (let index = 0; index < 20; index += 1) {
        db.writeNow((tx) => tx.run(`INSERT INTO meta VALUES (?, '')`, `test.late.${index}`))
      }
    })
    overwrite(`${path}-wal`, { at: 'middle', bytes: 64 })

    const late = open(path).read((tx) => tx.all<{ key: string }>(`SELECT key FROM meta WHERE key LIKE 'test.late.%'`))

    expect(late.length).toBeGreaterThan(0)
    expect(late.length).toBeLessThan(20)
    expect(late.map((row) => row.key).sort()).toEqual(late.map((_, index) => `test.late.${index}`).sort())
  })

  it('that is missing while its write-ahead log is there is not made anew', () => {
    const directory = tempDir()
    const path = crashCopy(directory)
    rmSync(path)

    expect(() => open(path)).toThrow(faultOf('incomplete', /node\.db is missing, but its write-ahead log/))

    expect(existsSync(`${path}-wal`)).toBe(true)
  })
})

describe('a place that cannot hold a database', () => {
  it('a missing folder is named', () => {
    const directory = tempDir()

    expect(() => open(directory.file('nowhere/node.db'))).toThrow(faultOf('no_directory', /nowhere does not exist/))
  })

  it('a folder in place of the file is refused', () => {
    const directory = tempDir()

    expect(() => open(directory.path)).toThrow(expect.objectContaining({ code: 'database_unavailable' }))
  })
})

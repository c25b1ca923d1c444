import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../../node/base/log.ts'
import { type Migration, MIGRATIONS_DIRECTORY, readMigrations } from '../../../node/storage/migrations.ts'
import { openNodeDatabase } from '../../../node/storage/open.ts'
import { tempDir } from '../../kit/temp-dir.ts'

const INIT = `CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT`

/** Migrations 1, 2, 3… with these statements. */
const migrationsOf = (...texts: string[]): Migration[] =>
  texts.map((sql, index) => ({
    version: index + 1,
    name: `000${index + 1}-test.sql`,
    sql,
    checksum: `checksum of ${sql}`,
  }))

const open = (path: string, migrations: readonly Migration[]) =>
  openNodeDatabase(path, { synchronous: 'full', maxBatch: 64, log: silentLogger, migrations })

function withNote(path: string, text: string): void {
  const db = open(path, migrationsOf(INIT))
  db.writeNow((tx) => tx.run('INSERT INTO notes (text) VALUES (?)', text))
  db.close()
}

function look<T>(path: string, sql: string): T[] {
  const sqlite = new Sqlite(path, { readonly: true })
  try {
    return sqlite.prepare<[], T>(sql).all()
  } finally {
    sqlite.close()
  }
}

const versionOf = (path: string) => look<{ user_version: number }>(path, 'PRAGMA user_version')[0]?.user_version

describe('migrating', () => {
  it('makes a new database at the newest schema', () => {
    const directory = tempDir()
    const path = directory.file('node.db')

    const db = open(path, migrationsOf(INIT, 'ALTER TABLE notes ADD COLUMN author TEXT'))
    const columns = db.read((tx) => tx.all('SELECT text, author FROM notes'))
    db.close()
    const files = readdirSync(directory.path)

    expect(db.migration).toEqual({ from: 0, to: 2 })
    expect(columns).toEqual([])
    expect(versionOf(path)).toBe(2)
    expect(files).toEqual(['node.db'])
  })

  it.skipIf(process.platform === 'win32')('keeps all its files from other users of the computer', () => {
    const directory = tempDir()
    const path = directory.file('node.db')
    withNote(path, 'private')

    const db = open(path, migrationsOf(INIT, 'SELECT 2'))
    const modes = readdirSync(directory.path).map((name) => [name, statSync(directory.file(name)).mode & 0o777])
    db.close()

    expect(modes).toEqual(
      ['node.db', 'node.db-shm', 'node.db-wal', 'node.db.before-2.snapshot'].map((name) => [name, 0o600]),
    )
  })

  it('applies only what is missing, and writes a snapshot first', () => {
    const directory = tempDir()
    const path = directory.file('node.db')
    withNote(path, 'before')

    const db = open(path, migrationsOf(INIT, `UPDATE notes SET text = 'after'`))
    const notes = db.read((tx) => tx.all('SELECT text FROM notes'))
    db.close()

    expect(db.migration).toEqual({ from: 1, to: 2, snapshot: `${path}.before-2.snapshot` })
    expect(notes).toEqual([{ text: 'after' }])
    expect(look(`${path}.before-2.snapshot`, 'SELECT text FROM notes')).toEqual([{ text: 'before' }])
    expect(versionOf(`${path}.before-2.snapshot`)).toBe(1)
  })

  it('writes no snapshot when there is nothing to migrate', () => {
    const directory = tempDir()
    const path = directory.file('node.db')
    withNote(path, 'kept')

    const db = open(path, migrationsOf(INIT))
    db.close()

    expect(db.migration).toEqual({ from: 1, to: 1 })
    expect(readdirSync(directory.path)).toEqual(['node.db'])
  })

  it('keeps the last three snapshots', () => {
    const directory = tempDir()
    const path = directory.file('node.db')
    const texts = [INIT, 'SELECT 2', 'SELECT 3', 'SELECT 4', 'SELECT 5']

    for (let count = 1; count <= texts.length; count += 1) open(path, migrationsOf(...texts.slice(0, count))).close()

    expect(readdirSync(directory.path).sort()).toEqual([
      'node.db',
      'node.db.before-3.snapshot',
      'node.db.before-4.snapshot',
      'node.db.before-5.snapshot',
    ])
  })

  it('leaves everything as it was when a migration fails half-way', () => {
    const directory = tempDir()
    const path = directory.file('node.db')
    withNote(path, 'kept')
    const broken = migrationsOf(INIT, 'SELECT 2', 'DELETE FROM notes; INSERT INTO missing VALUES (1)')

    expect(() => open(path, broken)).toThrow(/0003-test.sql .* failed \(no such table: missing\)/)

    expect(versionOf(path)).toBe(2)
    expect(look(path, 'SELECT text FROM notes')).toEqual([{ text: 'kept' }])
  })

  it('makes no file when the first migration fails', () => {
    const directory = tempDir()

    expect(() => open(directory.file('node.db'), migrationsOf('CREATE nonsense'))).toThrow('0001-test.sql')

    expect(readdirSync(directory.path)).toEqual([])
  })

  it('refuses a migration that ends its own transaction', () => {
    const directory = tempDir()

    expect(() => open(directory.file('node.db'), migrationsOf(`${INIT}; COMMIT`))).toThrow('ends the transaction')
  })

  it('refuses a migration that leaves references to nothing', () => {
    const directory = tempDir()
    const dangling = `${INIT}; CREATE TABLE tags (note INTEGER NOT NULL REFERENCES notes (id)) STRICT; INSERT INTO tags VALUES (7)`

    expect(() => open(directory.file('node.db'), migrationsOf(dangling))).toThrow('references to missing rows')
  })

  it('lets a migration rebuild a table that others refer to', () => {
    const directory = tempDir()
    const path = directory.file('node.db')
    const tagged = `${INIT}; CREATE TABLE tags (note INTEGER NOT NULL REFERENCES notes (id)) STRICT;
      INSERT INTO notes VALUES (7, 'seven'); INSERT INTO tags VALUES (7)`
    const rebuild = `CREATE TABLE new_notes (id INTEGER PRIMARY KEY, text TEXT) STRICT;
      INSERT INTO new_notes SELECT * FROM notes; DROP TABLE notes; ALTER TABLE new_notes RENAME TO notes`
    open(path, migrationsOf(tagged)).close()

    open(path, migrationsOf(tagged, rebuild)).close()

    expect(look(path, 'SELECT text FROM notes JOIN tags ON note = id')).toEqual([{ text: 'seven' }])
  })

  it('refuses a newer database, names both versions and what to do', () => {
    const directory = tempDir()
    const path = directory.file('node.db')
    withNote(path, 'kept')
    open(path, migrationsOf(INIT, 'SELECT 2', 'SELECT 3')).close()
    const before = readFileSync(path)

    expect(() => open(path, migrationsOf(INIT))).toThrow(
      expect.objectContaining({
        code: 'database_unavailable',
        fault: 'newer',
        message: expect.stringMatching(/schema version 3.* up to 1.*newer OpenGuild.*node\.db\.before-2\.snapshot/s),
      }),
    )

    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('notices that a migration was edited after it had been applied', () => {
    const directory = tempDir()
    const path = directory.file('node.db')
    withNote(path, 'kept')

    expect(() => open(path, migrationsOf(`${INIT};`))).toThrow(expect.objectContaining({ fault: 'migration_changed' }))
  })

  it('refuses the database of another program and leaves it alone', () => {
    const directory = tempDir()
    const path = directory.file('node.db')
    const other = new Sqlite(path)
    other.exec('CREATE TABLE recipes (name TEXT)')
    other.close()
    const before = readFileSync(path)

    expect(() => open(path, migrationsOf(INIT))).toThrow(expect.objectContaining({ fault: 'other_program' }))

    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('starts over where a crash left a half-made database', () => {
    const directory = tempDir()
    const path = directory.file('node.db')
    new Sqlite(`${path}.unfinished`).exec('CREATE TABLE meta (half INTEGER)').close()

    open(path, migrationsOf(INIT)).close()

    expect(versionOf(path)).toBe(1)
    expect(existsSync(`${path}.unfinished`)).toBe(false)
  })
})

describe('the migrations of this version', () => {
  it('make a database that passes its own check, table by table STRICT', () => {
    const directory = tempDir()
    const path = directory.file('node.db')

    open(path, readMigrations(MIGRATIONS_DIRECTORY)).close()

    expect(look(path, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
    expect(look(path, `SELECT name FROM pragma_table_list WHERE strict = 0 AND name NOT LIKE 'sqlite_%'`)).toEqual([])
  })
})

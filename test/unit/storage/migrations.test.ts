import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { MIGRATIONS_DIRECTORY, readMigrations } from '../../../node/storage/migrations.ts'
import { tempDir } from '../../kit/temp-dir.ts'

function readFiles(files: Record<string, string>) {
  const directory = tempDir()
  for (const [name, text] of Object.entries(files)) writeFileSync(directory.file(name), text)
  return readMigrations(directory.path)
}

const checksumOf = (sql: string) => readFiles({ '0001-init.sql': sql })[0]?.checksum

describe('reading migrations', () => {
  it('finds those of the program, numbered from 1 without a gap', () => {
    const migrations = readMigrations(MIGRATIONS_DIRECTORY)

    expect(migrations.map((migration) => migration.version)).toEqual(migrations.map((_, index) => index + 1))
    expect(migrations[0]?.name).toBe('0001-init.sql')
  })

  it('gives them in the order of their numbers and passes other files over', () => {
    const migrations = readFiles({ '0002-b.sql': 'SELECT 2', '0001-a.sql': 'SELECT 1', 'README.md': '' })

    expect(migrations.map(({ version, sql }) => [version, sql])).toEqual([
      [1, 'SELECT 1'],
      [2, 'SELECT 2'],
    ])
  })

  it('refuses a gap in the numbers', () => {
    expect(() => readFiles({ '0001-a.sql': '', '0003-c.sql': '' })).toThrow('There is no migration 2 before 0003-c.sql')
  })

  it('refuses a number that is there twice', () => {
    expect(() => readFiles({ '0001-a.sql': '', '0001-b.sql': '' })).toThrow('Two migrations have the number 0001')
  })

  it('refuses a name it cannot read, rather than leaving the file out', () => {
    expect(() => readFiles({ '0001-a.sql': '', '2-b.sql': '' })).toThrow('not 2-b.sql')
  })

  it('refuses an empty folder', () => {
    expect(() => readFiles({})).toThrow('There are no migrations')
  })

  it('gives a text the same checksum whatever its comments, line ends and indentation', () => {
    const written = checksumOf('-- A table.\nCREATE TABLE a (\n  b TEXT\n);\n')

    expect(checksumOf('CREATE TABLE a ( -- better said\r\n\tb TEXT\r\n);')).toBe(written)
    expect(checksumOf('CREATE TABLE a ( b INTEGER );')).not.toBe(written)
  })
})

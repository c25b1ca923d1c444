import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Migration {
  /** Schema version after it, counting from 1. */
  version: number
  /** File name. */
  name: string
  sql: string
  /** Hex SHA-256 of the statements; comments, line ends and indentation may still be improved after a release. */
  checksum: string
}

/** `migrations/` at the root of the project. */
export const MIGRATIONS_DIRECTORY = fileURLToPath(new URL('../../migrations/', import.meta.url))

const FILE_NAME = /^(\d{4})-[a-z0-9-]+\.sql$/

/** All migrations in order. Throws when a name is wrong, or a number is missing or there twice. */
export function readMigrations(directory: string): Migration[] {
  const names = readdirSync(directory)
    .filter((name) => name.endsWith('.sql'))
    .sort()
  if (names.length === 0) throw new Error(`There are no migrations in ${directory}`)
  return names.map((name, index) => readMigration(directory, name, index + 1))
}

function readMigration(directory: string, name: string, expected: number): Migration {
  const number = FILE_NAME.exec(name)?.[1]
  if (number === undefined) throw new Error(`A migration is named like 0001-init.sql, not ${name}`)
  const version = Number(number)
  if (version < expected) throw new Error(`Two migrations have the number ${number}; ${name} is the second one`)
  if (version > expected) throw new Error(`There is no migration ${expected} before ${name}`)
  const sql = readFileSync(join(directory, name), 'utf8')
  return { version, name, sql, checksum: checksumOf(sql) }
}

function checksumOf(sql: string): string {
  const statements = sql
    .replaceAll(/--[^\n]*/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return createHash('sha256').update(statements).digest('hex')
}

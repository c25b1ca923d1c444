import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../base/errors.ts'
import { type FileLock, tryLockFile } from './file-lock.ts'
import { readPrivateFile, writePrivateFile } from './private-file.ts'

/** The data directory cannot be used; the message says why and what to do. */
export class DataDirError extends Error {
  readonly fault: 'in_use' | 'unusable'

  constructor(fault: 'in_use' | 'unusable', message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DataDirError'
    this.fault = fault
  }
}

/** Written by a running node: the base URL of its API. */
export const apiAddressPath = (directory: string): string => join(directory, 'api-address')

/**
 * Makes the directory if needed and takes it for this node alone. `node.pid` beside the lock only tells people who holds it.
 * Throws `DataDirError`.
 */
export function lockDataDir(directory: string): FileLock {
  const pidFile = join(directory, 'node.pid')
  const lock = takeLock(directory)
  if (lock === undefined) throw inUse(directory, readPrivateFile(pidFile)?.trim())
  writePrivateFile(pidFile, `${process.pid}\n`)
  let isHeld = true
  return {
    release() {
      if (isHeld) rmSync(pidFile, { force: true })
      isHeld = false
      lock.release()
    },
  }
}

/**
 * Takes a database for one node: `database_url` can lead two data directories to one file, and the caches of neither would see
 * what the other writes. Throws `DataDirError`.
 */
export function lockDatabase(path: string): FileLock {
  const lock = takeDatabaseLock(path)
  if (lock !== undefined) return lock
  const remedy = 'Stop that one first, or give this one a database of its own.'
  throw new DataDirError('in_use', `Another node is using the database ${path}. ${remedy}`)
}

/** Both locks of a node, given back as one. Throws `DataDirError`. */
export function lockNode({ dataDir, database }: { dataDir: string; database: string }): FileLock {
  const directory = lockDataDir(dataDir)
  try {
    const file = lockDatabase(database)
    return {
      release() {
        file.release()
        directory.release()
      },
    }
  } catch (error) {
    directory.release()
    throw error
  }
}

function takeLock(directory: string): FileLock | undefined {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    return tryLockFile(join(directory, 'node.lock'))
  } catch (thrown) {
    throw unusable(directory, thrown)
  }
}

function takeDatabaseLock(path: string): FileLock | undefined {
  try {
    return tryLockFile(`${path}.lock`)
  } catch (thrown) {
    const remedy = 'Check the rights of its directory and the disk, or choose another with --database-url.'
    const message = `The database ${path} cannot be used: ${messageOf(thrown)}. ${remedy}`
    throw new DataDirError('unusable', message, { cause: thrown })
  }
}

function inUse(directory: string, pid: string | undefined): DataDirError {
  const holder = pid ? `the node with process id ${pid}` : 'another node'
  const remedy = 'Stop that one first, or give this one a directory of its own with --data-dir.'
  return new DataDirError('in_use', `The data directory ${directory} is in use by ${holder}. ${remedy}`)
}

function unusable(directory: string, thrown: unknown): DataDirError {
  const remedy = 'Check its rights and the disk, or choose another with --data-dir.'
  const message = `The data directory ${directory} cannot be used: ${messageOf(thrown)}. ${remedy}`
  return new DataDirError('unusable', message, { cause: thrown })
}

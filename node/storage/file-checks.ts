import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseUnavailable } from './database-fault.ts'

// @NOTE all of this runs before SQLite opens the file: closing a file drops every lock our process holds on it (POSIX),
// those of SQLite with it.

export type FileState = 'absent' | 'present'

/**
 * Looks at a database from outside and finds what SQLite would pass over in silence: it reads only where it may not write,
 * drops a write-ahead log whose database is missing, and takes an unreadable write-ahead log for an empty one.
 */
export function checkFiles(path: string): FileState {
  const directory = dirname(path)
  if (!isDirectory(directory)) {
    throw new DatabaseUnavailable(
      'no_directory',
      `The folder ${directory} does not exist; create it or choose another --data-dir`,
    )
  }
  // The write-ahead log lies beside the database, so the folder has to be writable, too.
  for (const place of [directory, path, `${path}-wal`, `${path}-shm`]) {
    if (existsSync(place)) checkWritable(place)
  }
  checkLog(path)
  return existsSync(path) ? 'present' : 'absent'
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function checkWritable(path: string): void {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
  } catch (error) {
    const isReadOnly = error instanceof Error && 'code' in error && error.code === 'EROFS'
    throw isReadOnly
      ? new DatabaseUnavailable('read_only', `${path} is on a read-only file system; choose another --data-dir`, error)
      : new DatabaseUnavailable(
          'no_permission',
          `This user may not read and write ${path}; change its owner or mode`,
          error,
        )
  }
}

function checkLog(path: string): void {
  const log = `${path}-wal`
  const head = readHead(log)
  if (head.length < LOG_HEAD_BYTES) return
  if (!existsSync(path)) {
    throw new DatabaseUnavailable(
      'incomplete',
      `${path} is missing, but its write-ahead log ${log} is there and holds part of it. Put the database back, or move the log away to start anew`,
    )
  }
  if (isLogHead(head)) return
  throw new DatabaseUnavailable(
    'log_damaged',
    `The write-ahead log ${log} is damaged: what was written last may be in it and cannot be read. ` +
      'Restore it from a backup, or move it away to go on with what the database itself holds',
  )
}

/** Magic, format, page size, checkpoint number, two salts, two checksums; 4 bytes each. */
const LOG_HEAD_BYTES = 32
const LOG_MAGIC = 0x377f0682
const LOG_FORMAT = 3_007_000

/** Empty when there is no such file. */
function readHead(path: string): Buffer {
  if (!existsSync(path)) return Buffer.alloc(0)
  const file = openSync(path, 'r')
  try {
    const head = Buffer.alloc(LOG_HEAD_BYTES)
    return head.subarray(0, readSync(file, head))
  } finally {
    closeSync(file)
  }
}

/** SQLite's file format, section 4.1. The last bit of the magic tells the byte order of the checksum. */
function isLogHead(head: Buffer): boolean {
  const magic = head.readUInt32BE(0)
  if ((magic & ~1) >>> 0 !== LOG_MAGIC || head.readUInt32BE(4) !== LOG_FORMAT) return false
  const wordAt = (offset: number) => (magic & 1 ? head.readUInt32BE(offset) : head.readUInt32LE(offset))
  let first = 0
  let second = 0
  for (let offset = 0; offset < 24; offset += 8) {
    first = (first + wordAt(offset) + second) >>> 0
    second = (second + wordAt(offset + 4) + first) >>> 0
  }
  return first === head.readUInt32BE(24) && second === head.readUInt32BE(28)
}

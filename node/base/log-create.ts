import { randomUUID } from 'node:crypto'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import engine from 'electron-log/node'
import { type Clock, systemClock } from './clock.ts'
import { messageOf } from './errors.ts'
import { formatLine, type LogFormat } from './log-line.ts'
import type { LogFields, Logger, LogLevel } from './log.ts'
import { rotateFiles } from './log-rotate.ts'
import { currentRequestId } from './request-context.ts'

export interface LogFileOptions {
  path: string
  /** The file is put aside once it is larger. */
  maxSizeBytes: number
  /** How many files put aside are kept. */
  keepFiles: number
}

export interface LoggerOptions {
  format: LogFormat
  /** Least important level that is written. */
  level: LogLevel
  file?: LogFileOptions
  /** Takes each line, without its end. Default: standard error. */
  sink?: (line: string) => void
  clock?: Clock
}

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/**
 * A logger of its own on electron-log, with lines to the sink and, when asked, to a rotating file. Lines are written
 * before the call returns, so a crash loses none. A line within a request carries its `request_id`.
 */
export function createLogger(options: LoggerOptions): Logger {
  const write = createWriter(options)
  const { format, clock = systemClock } = options
  const threshold = LEVELS.indexOf(options.level)

  const withFields = (own: LogFields): Logger => {
    const at = (level: LogLevel) => (fields: LogFields, sentence: string) => {
      if (LEVELS.indexOf(level) < threshold) return
      const record = {
        time: clock.now(),
        level,
        sentence,
        requestId: currentRequestId(),
        fields: { ...own, ...fields },
      }
      write(level, formatLine(format, record))
    }
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (fields) => withFields({ ...own, ...fields }),
    }
  }
  return withFields({})
}

function createWriter({
  sink = toStandardError,
  file,
  ...options
}: LoggerOptions): (level: LogLevel, line: string) => void {
  const log = engine.create({ logId: randomUUID() })
  const { console: toConsole, file: toFile } = log.transports
  const complain = once((reason) => sink(complaint(options, file?.path ?? '', reason)))
  toConsole.transforms = [({ data }) => data]
  toConsole.writeFn = ({ message }) => sink(String(message.data[0]))
  toFile.level = file && openFile(toFile, file, complain) ? 'silly' : false
  return (level, line) => log[level](line)
}

type FileTransport = typeof engine.transports.file

/** False, with a complaint, when the file cannot be opened; the node then logs to the sink alone. */
function openFile(transport: FileTransport, file: LogFileOptions, complain: (reason: string) => void): boolean {
  // @NOTE the engine reports trouble with files through its default logger, on the console in a format of its own.
  engine.transports.console.writeFn = () => {}
  // @NOTE without a name it looks for a package.json around the working directory, and throws where there is none.
  transport.setAppName('openguild')
  transport.resolvePathFn = () => file.path
  transport.maxSize = file.maxSizeBytes
  transport.writeOptions = { flag: 'a', mode: 0o600, encoding: 'utf8' }
  transport.transforms = [({ data }) => String(data[0])]
  transport.archiveLogFn = () => {
    try {
      rotateFiles(file.path, file.keepFiles)
    } catch (thrown) {
      complain(messageOf(thrown))
    }
  }
  try {
    touch(file.path)
  } catch (thrown) {
    complain(messageOf(thrown))
    return false
  }
  transport.getFile().on('error', (error) => complain(error.message))
  return true
}

/** The engine swallows the lines for a file it cannot open, so that is found out before. */
function touch(path: string): void {
  // May make the data directory too, which is for its owner only.
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  closeSync(openSync(path, 'a', 0o600))
}

function complaint({ format, clock = systemClock }: LoggerOptions, path: string, reason: string): string {
  const sentence = 'The log file cannot be written; check the disk and the rights of its directory.'
  return formatLine(format, {
    time: clock.now(),
    level: 'error',
    sentence,
    requestId: undefined,
    fields: { path, reason },
  })
}

/** A full disk fails every line; saying so once is enough. */
function once(complain: (reason: string) => void): (reason: string) => void {
  let isSaid = false
  return (reason) => {
    if (!isSaid) complain(reason)
    isSaid = true
  }
}

function toStandardError(line: string): void {
  // A reader that went away (`openguild start 2>&1 | head`) must not bring the node down.
  if (process.stderr.listenerCount('error') === 0) process.stderr.on('error', () => {})
  process.stderr.write(`${line}\n`)
}

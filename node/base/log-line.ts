import type { LogFields, LogLevel } from './log.ts'
import { redactFields, redactText } from './log-redact.ts'

export type LogFormat = 'compact' | 'json'

export interface LogRecord {
  /** Milliseconds since the Unix epoch. */
  time: number
  level: LogLevel
  sentence: string
  requestId: string | undefined
  fields: LogFields
}

/** One line without its end. Whatever a peer or client sent, it cannot start a second line or steer a terminal. */
export function formatLine(format: LogFormat, record: LogRecord): string {
  const line = format === 'json' ? jsonLine(record) : compactLine(record)
  return line.replaceAll(UNSAFE_CHARACTERS, escapeCharacter)
}

/** Controls, line separators and marks that turn the direction of text. */
// oxlint-disable-next-line no-control-regex
const UNSAFE_CHARACTERS = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g

const escapeCharacter = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

function jsonLine({ time, level, sentence, requestId, fields }: LogRecord): string {
  const head = {
    time: new Date(time).toISOString(),
    level,
    msg: redactText(sentence),
    ...(requestId !== undefined && { request_id: requestId }),
  }
  return JSON.stringify({ ...head, ...withoutNames(redactFields(fields), ['time', 'level', 'msg']) })
}

function compactLine({ time, level, sentence, requestId, fields }: LogRecord): string {
  const all = redactFields(requestId === undefined ? fields : { request_id: requestId, ...fields })
  const pairs = Object.entries(all).map(([name, value]) => `${name}=${compactValue(value)}`)
  return [new Date(time).toISOString(), level.toUpperCase().padEnd(5), redactText(sentence), ...pairs].join(' ')
}

function compactValue(value: unknown): string {
  if (typeof value === 'string' && /^[\w.:/@+,$-]+$/.test(value)) return value
  return JSON.stringify(value) ?? ''
}

/** A field may not pose as the time, level or message of its line; it gets an underscore. */
function withoutNames(fields: Record<string, unknown>, taken: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [taken.includes(name) ? `${name}_` : name, value]),
  )
}

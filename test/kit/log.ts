import type { LogFields, Logger, LogLevel } from '../../node/base/log.ts'
import { currentRequestId } from '../../node/base/request-context.ts'

export interface LogLine {
  level: LogLevel
  sentence: string
  fields: LogFields
  requestId: string | undefined
}

/** Keeps what is logged, with the request it was logged in. */
export function recordingLogger(): Logger & { lines: LogLine[] } {
  const lines: LogLine[] = []
  const withFields = (own: LogFields): Logger => {
    const at = (level: LogLevel) => (fields: LogFields, sentence: string) => {
      lines.push({ level, sentence, fields: { ...own, ...fields }, requestId: currentRequestId() })
    }
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (fields) => withFields({ ...own, ...fields }),
    }
  }
  return { ...withFields({}), lines }
}

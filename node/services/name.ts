import { AppError } from '../base/errors.ts'
import { countScalars, MAX_NAME_SCALARS, trimWhiteSpace } from '../events/schema/text.ts'

export type NameProblem = 'empty' | 'length'

/**
 * A name as it enters an event: trimmed, 1 to 64 scalar values. `onProblem` hears which rule was broken, for metrics.
 * Throws `validation_error`.
 */
export function requireName(raw: string, onProblem: (problem: NameProblem) => void): string {
  const name = trimWhiteSpace(raw)
  if (name === '') {
    onProblem('empty')
    throw nameError('must be provided')
  }
  if (countScalars(name) > MAX_NAME_SCALARS || !name.isWellFormed()) {
    onProblem('length')
    throw nameError(`must be 1 to ${MAX_NAME_SCALARS} characters of well-formed text`)
  }
  return name
}

function nameError(message: string): AppError {
  return new AppError('validation_error', `The name ${message}`, { details: [{ field: 'name', message }] })
}

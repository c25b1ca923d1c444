import { presentCodeError, presentError } from '../api/errors.ts'
import { AppError, type ErrorCode } from '../base/errors.ts'
import { empty, json, text, withHeaders, type Reply } from './reply.ts'

/** The one place where refusals become HTTP numbers. */
export const STATUS_OF: Record<ErrorCode, number> = {
  validation_error: 400,
  invalid_credentials: 401,
  invalid_refresh_token: 401,
  username_taken: 409,
  registration_closed: 403,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  rate_limited: 429,
  too_large: 413,
  invite_invalid: 400,
  invite_expired: 410,
  invite_used_up: 410,
  invite_revoked: 410,
  peer_unreachable: 502,
  clock_skew: 503,
  federation_disabled: 501,
  mls_disabled: 501,
  not_ready: 503,
  storage_full: 507,
  database_unavailable: 503,
  server_error: 500,
}

/**
 * How a route words its refusals (contract 1.6):
 * - `bare`: status and empty body, the endpoints of the original other than accounts and sessions
 * - `codes`: `{error, details?}`, `/users/register` and the original's `/sessions/*`
 * - `detailed`: `{error, message, details?}`, everything this project added
 */
export type ErrorStyle = 'bare' | 'codes' | 'detailed'

export function replyToRefusal(error: AppError, style: ErrorStyle): Reply {
  const reply = bodyOfRefusal(error, style)
  return error.retryAfterSecs === undefined
    ? reply
    : withHeaders(reply, { 'retry-after': String(Math.max(1, Math.ceil(error.retryAfterSecs))) })
}

function bodyOfRefusal(error: AppError, style: ErrorStyle): Reply {
  const status = STATUS_OF[error.code]
  switch (style) {
    case 'bare':
      return empty(status)
    case 'codes':
      return json(status, presentCodeError(error))
    case 'detailed':
      return json(status, presentError(error))
  }
}

/** What the caller hears of a fault: nothing but that there was one. */
export const FAULT = new AppError('server_error', 'Something went wrong in this node; its log has the details')

/** Input that could not be read. Decided before authentication, so the answer never depends on who asks. */
export class ExtractError extends Error {
  readonly status: 400 | 413 | 415 | 422
  /** The fields at fault, where the shape is to blame. */
  readonly details: { field: string; message: string }[] | undefined

  constructor(status: 400 | 413 | 415 | 422, message: string, details?: { field: string; message: string }[]) {
    super(message)
    this.name = 'ExtractError'
    this.status = status
    this.details = details
  }
}

/** Plain text where the original answers plain text (contract 1.5), our own shape on our own endpoints. */
export function replyToExtractError(error: ExtractError, style: ErrorStyle): Reply {
  if (style !== 'detailed') return text(error.status, error.message)
  const code = error.status === 413 ? 'too_large' : 'validation_error'
  const details = error.details === undefined ? {} : { details: error.details }
  return json(error.status, presentError(new AppError(code, error.message, details)))
}

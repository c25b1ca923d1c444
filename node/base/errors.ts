/**
 * Every refusal a caller can meet, by stable code. Codes are never renamed or reused; each edge (http, gateway, cli)
 * maps all of them, so a new code does not compile until every edge has decided what it means there.
 */
export const ERROR_CODES = [
  'validation_error',
  'invalid_credentials',
  'invalid_refresh_token',
  'username_taken',
  'registration_closed',
  'unauthorized',
  'forbidden',
  'not_found',
  'conflict',
  'rate_limited',
  'too_large',
  'invite_invalid',
  'invite_expired',
  'invite_used_up',
  'invite_revoked',
  'peer_unreachable',
  'clock_skew',
  'federation_disabled',
  'mls_disabled',
  'not_ready',
  'storage_full',
  'database_unavailable',
  'server_error',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

export interface FieldError {
  field: string
  message: string
}

/** A refusal: the caller may not, or asked for something that is not there. Anything else that is thrown is a fault. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly details: FieldError[] | undefined
  /** Seconds after which the same request may succeed (rate limits). */
  readonly retryAfterSecs: number | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: FieldError[]; retryAfterSecs?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.details = options.details
    this.retryAfterSecs = options.retryAfterSecs
  }
}

/** The message of anything thrown, for logs and for `cause` chains. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

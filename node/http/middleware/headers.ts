import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from '../../base/log.ts'

const SECURITY_HEADERS = [
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"],
  ['referrer-policy', 'no-referrer'],
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'],
  ['vary', 'origin, access-control-request-method, access-control-request-headers'],
] as const

const ALLOWED_METHODS = 'GET,POST,PUT,PATCH,DELETE,OPTIONS'
/** `*` as the original, and by name what it does not cover in the Fetch standard (contract 1.4). */
const ALLOWED_HEADERS = '*,authorization,content-type,x-request-id,x-device-id'

export interface HeaderPolicy {
  /** Headers every response carries (contract 1.2), also errors, preflights and 101. */
  common(request: IncomingMessage, requestId: string): [name: string, value: string][]
  /** Those of an answer to `OPTIONS`. */
  preflight(request: IncomingMessage, requestId: string): [name: string, value: string][]
}

export function createHeaderPolicy(options: { allowedOrigins: readonly string[]; log: Logger }): HeaderPolicy {
  const origins = usableOrigins(options.allowedOrigins, options.log)

  function base(request: IncomingMessage, requestId: string): [string, string][] {
    const headers: [string, string][] = SECURITY_HEADERS.map(([name, value]) => [name, value])
    headers.push(['x-request-id', requestId])
    const origin = origins === 'any' ? '*' : request.headers.origin
    if (origin !== undefined && (origins === 'any' || origins.has(origin))) {
      headers.push(['access-control-allow-origin', origin])
    }
    return headers
  }

  return {
    common: (request, requestId) => [...base(request, requestId), ['access-control-expose-headers', 'x-request-id']],
    preflight: (request, requestId) => [
      ...base(request, requestId),
      ['access-control-allow-methods', ALLOWED_METHODS],
      ['access-control-allow-headers', ALLOWED_HEADERS],
    ],
  }
}

function usableOrigins(configured: readonly string[], log: Logger): 'any' | ReadonlySet<string> {
  const usable = configured.filter((origin) => /^[\x20-\x7e]+$/.test(origin))
  for (const origin of configured) {
    if (!usable.includes(origin)) log.warn({ origin }, 'This CORS origin cannot be sent in a header and is skipped')
  }
  return usable.length === 0 || usable.includes('*') ? 'any' : new Set(usable)
}

export function setHeaders(response: ServerResponse, headers: readonly (readonly [string, string])[]): void {
  for (const [name, value] of headers) response.setHeader(name, value)
}

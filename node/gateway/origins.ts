import { isLoopbackOrigin } from '../base/loopback-origin.ts'

/**
 * Which pages may open sockets. Browsers name the page's origin, programs name none. As for HTTP, an empty list or `*`
 * means every page (a socket needs a token, which a foreign page does not have); pages of this computer always may.
 */
export function createOriginCheck(allowedOrigins: readonly string[]): (origin: string | undefined) => boolean {
  const allowed = new Set(allowedOrigins)
  const takesAny = allowed.size === 0 || allowed.has('*')
  return (origin) => takesAny || origin === undefined || allowed.has(origin) || isLoopbackOrigin(origin)
}

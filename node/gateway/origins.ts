/**
 * Which pages may open sockets. Browsers name the page's origin, programs name none. As for HTTP, an empty list or `*`
 * means every page (a socket needs a token, which a foreign page does not have); pages of this computer always may.
 */
export function createOriginCheck(allowedOrigins: readonly string[]): (origin: string | undefined) => boolean {
  const allowed = new Set(allowedOrigins)
  const takesAny = allowed.size === 0 || allowed.has('*')
  return (origin) => takesAny || origin === undefined || allowed.has(origin) || isLoopbackOrigin(origin)
}

const LOOPBACK = /^(?:localhost|(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

const isLoopbackOrigin = (origin: string): boolean => URL.canParse(origin) && LOOPBACK.test(new URL(origin).hostname)

/** What is safe to echo in a header and to print on a log line. */
const ECHOED = /^[\x21-\x7e]{1,128}$/

/** The client's own id when it is 1 to 128 visible ASCII characters, else a new one. */
export function requestIdOf(header: string | string[] | undefined, newId: () => string): string {
  return typeof header === 'string' && ECHOED.test(header) ? header : newId()
}

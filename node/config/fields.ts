import { isIP } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import { z } from 'zod'
import { fromBase64Url } from '../base/bytes.ts'

/** What a reader of the docs, of `--help` and of `config print` is told about one key. */
export interface KeyNotes {
  description: string
  /** `true`: the flag is spelled like the path (`metrics.enabled` gives `--metrics-enabled`). */
  flag?: true | string
  secret?: true
  /** Shown in the docs where the default depends on the machine. */
  shownDefault?: string
}

export const keyNotes = z.registry<KeyNotes>()

/** Notes are kept by schema instance, so this wraps the finished schema, default included. */
export function key<S extends z.ZodType>(schema: S, notes: KeyNotes): S {
  keyNotes.add(schema, notes)
  return schema
}

/** A table of keys; a missing table gets all its defaults, an unknown key is a problem. */
export function section<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'invalid_type' ? 'must be a table of keys' : undefined),
  })
}

export function whole(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}`
  return z.int({ error }).min(min, { error }).max(max, { error })
}

export const flagValue = () => z.boolean({ error: 'must be true or false' })

export function oneOf<const Options extends readonly [string, ...string[]]>(options: Options) {
  return z.enum(options, { error: `must be one of ${options.join(', ')}` })
}

export function text(error: string, isValid: (value: string) => boolean = (value) => value.trim() !== '') {
  return z.string({ error }).refine(isValid, { error })
}

export const list = <Item extends z.ZodType>(item: Item) => z.array(item, { error: 'must be a list' })

export const ipAddress = () =>
  text('must be an IP address such as 127.0.0.1, 0.0.0.0 or ::1, not a host name', (value) => isIP(value) !== 0)

export const bindAddress = () =>
  text(
    'must be an IP address and a port such as 127.0.0.1:8080 or [::1]:8080',
    (value) => parseBindAddress(value) !== undefined,
  )

export const multiaddress = () => text('must be a multiaddr such as /ip4/0.0.0.0/tcp/4001', isMultiaddr)

export const webOrigin = () =>
  text(
    'must be "*" or an origin such as https://app.example without a path',
    (value) => value === '*' || /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]+$/i.test(value),
  )

/** 32 bytes, URL-safe base64 without padding (contract 4.3); surrounding blanks are trimmed. */
export function key32(what: string) {
  const error = `must be ${what}: 32 bytes in URL-safe base64 without padding (43 characters)`
  return z.string({ error }).trim().refine(isKey32, { error })
}

/** Splits `ip:port` or `[ipv6]:port`; port 0 means any free one. */
export function parseBindAddress(value: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(value)
  if (!match) return undefined
  const [, v6, v4, digits] = match
  const host = v6 ?? v4 ?? ''
  const port = Number(digits)
  const isAddress = v6 === undefined ? isIP(host) === 4 : isIP(host) === 6
  return isAddress && port <= 65_535 ? { host, port } : undefined
}

/** The path in `sqlite:<path>` or `sqlite://<path>`; undefined for anything else, also for databases in memory. */
export function parseSqliteUrl(url: string): string | undefined {
  const path = /^sqlite:(?:\/\/)?([^?#]+)$/.exec(url)?.[1]
  return path === undefined || path.includes(':memory:') ? undefined : path
}

function isMultiaddr(value: string): boolean {
  try {
    return multiaddr(value).getComponents().length > 0
  } catch {
    return false
  }
}

function isKey32(value: string): boolean {
  try {
    return fromBase64Url(value).length === 32
  } catch {
    return false
  }
}

import type { IncomingMessage } from 'node:http'
import { channelIdSchema, parseUuid } from '../base/ids.ts'
import type { ChannelId } from '../base/ids.ts'

/** What an upgrade request asks to listen to. */
export type Target =
  | { readonly kind: 'channel'; readonly channelId: ChannelId; readonly since: number | undefined; readonly url: URL }
  | { readonly kind: 'notifications'; readonly url: URL }

/** An answer instead of a socket. */
export interface UpgradeRefusal {
  readonly kind: 'refused'
  readonly status: number
  readonly text?: string
}

const CHANNEL_PATH = /^(?:\/client\/v1)?\/channels\/([^/]+)\/ws$/
const NOTIFICATIONS_PATH = /^(?:\/client\/v1)?\/notifications\/ws$/
const SEQUENCE = /^\d{1,15}$/

/** Reads method, path and handshake, in the order of the original: all of it before it looks who asks (contract 3.1). */
export function parseTarget(request: IncomingMessage): Target | UpgradeRefusal {
  const url = parseUrl(request.url)
  const target = url && routeOf(url)
  if (target === undefined) return refuse(404)
  if (request.method !== 'GET') return refuse(405)
  if (target.kind === 'refused') return target
  return checkHandshake(request) ?? target
}

function routeOf(url: URL): Target | UpgradeRefusal | undefined {
  if (NOTIFICATIONS_PATH.test(url.pathname)) return { kind: 'notifications', url }
  const segment = CHANNEL_PATH.exec(url.pathname)?.[1]
  if (segment === undefined) return undefined
  const id = channelIdSchema.safeParse(parseUuid(decodeSegment(segment)))
  if (!id.success) return refuse(400, 'Invalid URL: channel_id: must be a UUID')
  return { kind: 'channel', channelId: id.data, since: parseSince(url), url }
}

function checkHandshake({ headers }: IncomingMessage): UpgradeRefusal | undefined {
  if (headers['sec-websocket-version'] !== '13') {
    return refuse(400, '`Sec-WebSocket-Version` header did not include `13`')
  }
  if (!/^[+/0-9A-Za-z]{22}==$/.test(headers['sec-websocket-key'] ?? '')) {
    return refuse(400, '`Sec-WebSocket-Key` header missing or malformed')
  }
  return undefined
}

/** Unknown or odd query parameters are ignored (contract 3.1). */
function parseSince(url: URL): number | undefined {
  const text = url.searchParams.get('since')
  return text !== null && SEQUENCE.test(text) ? Number(text) : undefined
}

function parseUrl(path: string | undefined): URL | undefined {
  const base = 'http://node'
  return path !== undefined && path.startsWith('/') && URL.canParse(base + path) ? new URL(base + path) : undefined
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return ''
  }
}

const refuse = (status: number, text?: string): UpgradeRefusal =>
  text === undefined ? { kind: 'refused', status } : { kind: 'refused', status, text }

import type { ServerResponse } from 'node:http'
import type { Reply } from './reply.ts'

/** Past express's own `send`: no etag, no content negotiation, one write. */
export function send(response: ServerResponse, reply: Reply): void {
  if (response.headersSent || response.destroyed) return
  response.statusCode = reply.status
  if (reply.contentType !== undefined) response.setHeader('content-type', reply.contentType)
  if (reply.headers !== undefined) {
    for (const [name, value] of Object.entries(reply.headers)) response.setHeader(name, value)
  }
  const body = reply.body
  if (hasBody(reply.status)) response.setHeader('content-length', body === undefined ? 0 : Buffer.byteLength(body))
  // Node leaves the body out of an answer to HEAD by itself.
  response.end(body)
}

const hasBody = (status: number): boolean => status !== 204 && status !== 304

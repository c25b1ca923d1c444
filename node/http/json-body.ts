import type { IncomingMessage } from 'node:http'
import { ExtractError } from './errors.ts'
import type { BodyText } from './extract.ts'
import { scanJson } from './json-scan.ts'

const JSON_TYPE = /^application\/(?:[a-z0-9!#$&^_.+-]+\+)?json[ \t]*(?:;|$)/i
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/
const MAX_DEPTH = 128
const SYNTAX = 'Failed to parse the request body as JSON'

/** The client went away in the middle of its request: there is nobody to answer. */
export class RequestAborted extends Error {
  override name = 'RequestAborted'
}

/** Content type, size, then syntax: the order and statuses of contract 1.5. */
export async function readJsonBody(request: IncomingMessage, maxBytes: number): Promise<BodyText> {
  checkContentType(request.headers['content-type'])
  const bytes = await readBytes(request, maxBytes)
  return parseJson(decodeUtf8(bytes))
}

function checkContentType(contentType: string | undefined): void {
  if (contentType === 'application/json') return
  if (contentType !== undefined && JSON_TYPE.test(contentType)) return
  throw new ExtractError(415, 'Expected request with `Content-Type: application/json`')
}

function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLong = () => new ExtractError(413, `Failed to buffer the request body: length limit exceeded (${maxBytes})`)
  // What is not read here is drained by node after the answer, so the client gets to see it.
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLong())
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= maxBytes) chunks.push(chunk)
      else reject(tooLong())
    })
    request.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
    request.once('error', () => reject(new RequestAborted()))
  })
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decodeUtf8(bytes: Buffer): string {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    throw new ExtractError(400, `${SYNTAX}: it is not UTF-8`)
  }
}

function parseJson(text: string): BodyText {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The engine's own message quotes the body, which may hold a password.
    throw new ExtractError(400, text.trim() === '' ? `${SYNTAX}: it is empty` : SYNTAX)
  }
  const { depth, repeated } = scanJson(text)
  // What the original's parser refuses and `JSON.parse` does not (contract 5.2). Depth first: the other check recurses.
  if (depth > MAX_DEPTH) throw new ExtractError(400, `${SYNTAX}: recursion limit exceeded`)
  if (SURROGATE_ESCAPE.test(text) && !isWellFormed(value)) {
    throw new ExtractError(400, `${SYNTAX}: lone surrogate in a string`)
  }
  return { text, value, repeated }
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([key, member]) => key.isWellFormed() && isWellFormed(member))
}

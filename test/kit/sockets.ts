import { WebSocket } from 'ws'

export interface TestSocket extends AsyncDisposable {
  readonly ws: WebSocket
  /** Parsed text frames so far. */
  readonly frames: readonly SocketFrame[]
  /** Headers of the 101. */
  readonly headers: Record<string, string | string[] | undefined>
  /** Settles once this many frames have come, in all. */
  received(count: number): Promise<readonly SocketFrame[]>
  readonly closed: Promise<{ code: number; reason: string }>
}

/** As much as the tests look at. */
export interface SocketFrame {
  kind?: string
  sequence: number
  channel_id: string
  guild_id?: string
  event: { content: { content: string }; name?: string }
}

interface SocketOptions {
  token?: string | undefined
  headers?: Record<string, string>
}

const client = (url: string, { token, headers = {} }: SocketOptions) =>
  new WebSocket(url.replace(/^http/, 'ws'), {
    headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    perMessageDeflate: false,
  })

/** Connects, or throws when the server refuses. */
export function openSocket(url: string, options: SocketOptions = {}): Promise<TestSocket> {
  const ws = client(url, options)
  const frames: SocketFrame[] = []
  const waiters = new Set<() => void>()
  let headers: TestSocket['headers'] = {}
  const wake = () => waiters.forEach((waiter) => waiter())
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    ws.once('close', (code, reason) => resolve({ code, reason: reason.toString() }))
  })
  ws.on('message', (data) => {
    frames.push(JSON.parse(data.toString()))
    wake()
  })
  ws.once('close', wake)

  function received(count: number): Promise<readonly SocketFrame[]> {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (frames.length < count && ws.readyState !== WebSocket.CLOSED) return
        waiters.delete(check)
        if (frames.length < count) reject(new Error(`closed after ${frames.length} of ${count} frames`))
        else resolve(frames)
      }
      waiters.add(check)
      check()
    })
  }

  return new Promise((resolve, reject) => {
    ws.once('upgrade', (response) => (headers = response.headers))
    ws.once('error', reject)
    ws.once('open', () => {
      ws.off('error', reject)
      ws.on('error', () => {})
      resolve({
        ws,
        frames,
        headers,
        received,
        closed,
        async [Symbol.asyncDispose]() {
          ws.terminate()
          await closed
        },
      })
    })
  })
}

export interface RefusedSocket {
  status: number
  text: string
  headers: Record<string, string | string[] | undefined>
}

/** Connects and gives the plain HTTP answer; throws when a socket opens after all. */
export function refusedSocket(url: string, options: SocketOptions = {}): Promise<RefusedSocket> {
  const ws = client(url, options)
  return new Promise((resolve, reject) => {
    ws.once('error', reject)
    ws.once('open', () => {
      ws.terminate()
      reject(new Error('the socket was not refused'))
    })
    ws.once('unexpected-response', (_request, response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => (text += part))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }))
    })
  })
}

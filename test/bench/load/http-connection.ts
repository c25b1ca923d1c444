import { connect, type Socket } from 'node:net'
import { once } from 'node:events'

export interface HttpAnswer {
  status: number
  body: string
}

/**
 * One keep-alive connection with one request at a time. `fetch` would cost the load more than the request costs the node,
 * and both share the machine.
 */
export interface HttpConnection {
  post(path: string, body: string): Promise<HttpAnswer>
  get(path: string): Promise<HttpAnswer>
  close(): void
}

interface Pending {
  resolve(answer: HttpAnswer): void
  reject(error: Error): void
}

const HEAD_END = Buffer.from('\r\n\r\n')

export async function openHttpConnection(address: string, token: string): Promise<HttpConnection> {
  const { hostname, port, host } = new URL(address)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  await once(socket, 'connect')
  const fixed = `host: ${host}\r\nauthorization: Bearer ${token}\r\n`
  const send = createExchange(socket)
  return {
    post: (path, body) =>
      send(
        `POST ${path} HTTP/1.1\r\n${fixed}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      ),
    get: (path) => send(`GET ${path} HTTP/1.1\r\n${fixed}\r\n`),
    close: () => socket.destroy(),
  }
}

function createExchange(socket: Socket): (request: string) => Promise<HttpAnswer> {
  let pending: Pending | undefined
  let received: Buffer = Buffer.alloc(0)

  socket.on('data', (part: Buffer) => {
    received = received.length === 0 ? part : Buffer.concat([received, part])
    const answer = readAnswer(received)
    if (answer === undefined) return
    received = Buffer.alloc(0)
    pending?.resolve(answer)
  })
  socket.on('error', (error) => pending?.reject(error))
  socket.on('close', () => pending?.reject(new Error('The node closed the connection')))

  return (request) =>
    new Promise((resolve, reject) => {
      pending = { resolve, reject }
      socket.write(request)
    })
}

/** Undefined until all of it is there. Answers of a node always tell their length. */
function readAnswer(received: Buffer): HttpAnswer | undefined {
  const headEnd = received.indexOf(HEAD_END)
  if (headEnd === -1) return undefined
  const head = received.toString('latin1', 0, headEnd)
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
  const start = headEnd + HEAD_END.length
  if (received.length < start + length) return undefined
  return { status: Number(head.slice(9, 12)), body: received.toString('utf8', start, start + length) }
}

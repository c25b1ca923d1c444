import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** Called for each frame, with the sequence it carries and when it was here (`performance.now()`). */
export type OnFrame = (sequence: number, at: number) => void

export interface FrameListener {
  close(): void
}

const MIDDLE_LENGTH = 126
const LONG_LENGTH = 127
const TEXT_FRAME = 0x81
/** How every frame of a channel socket begins (contract 3.2). */
const SEQUENCE_START = '{"sequence":'.length
const ZERO = 0x30
const NINE = 0x39

/**
 * Listens to a channel and reads nothing of a frame but its sequence: a thousand sockets that parse what they hear would
 * measure themselves. `since` keeps the replay away.
 */
export async function listenToFrames(target: ListenTarget, onFrame: OnFrame): Promise<FrameListener> {
  const { address, channelId, token, since } = target
  const { hostname, port, host } = new URL(address)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  await once(socket, 'connect')
  const lines = [
    `GET /channels/${channelId}/ws?since=${since} HTTP/1.1`,
    `host: ${host}`,
    'connection: Upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    `sec-websocket-key: ${randomBytes(16).toString('base64')}`,
    `authorization: Bearer ${token}`,
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  await readFrames(socket, onFrame)
  return { close: () => void socket.destroy() }
}

export interface ListenTarget {
  address: string
  channelId: string
  token: string
  /** Sequence after which frames are wanted. */
  since: number
}

/** Settles when the node has switched protocols. */
function readFrames(socket: Socket, onFrame: OnFrame): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let isOpen = false
  let rest: Buffer = Buffer.alloc(0)
  socket.on('error', reject)
  socket.on('close', () => reject(new Error('The node closed the socket')))
  socket.on('data', (part: Buffer) => {
    const at = performance.now()
    rest = rest.length === 0 ? part : Buffer.concat([rest, part])
    if (!isOpen) {
      const headEnd = rest.indexOf('\r\n\r\n')
      if (headEnd === -1) return
      const status = rest.toString('latin1', 9, 12)
      if (status !== '101') return reject(new Error(`The node refused the socket: ${status}`))
      isOpen = true
      rest = rest.subarray(headEnd + 4)
      resolve()
    }
    rest = takeFrames(rest, at, onFrame)
  })
  return promise
}

/** Gives what is left of an unfinished frame. */
function takeFrames(bytes: Buffer, at: number, onFrame: OnFrame): Buffer {
  let start = 0
  for (;;) {
    const payload = findPayload(bytes, start)
    if (payload === undefined || payload.end > bytes.length) break
    if (bytes[start] === TEXT_FRAME) onFrame(readSequence(bytes, payload.start + SEQUENCE_START), at)
    start = payload.end
  }
  return start === 0 ? bytes : bytes.subarray(start)
}

/** Frames of a server are not masked. */
function findPayload(bytes: Buffer, start: number): { start: number; end: number } | undefined {
  if (bytes.length < start + 10) return undefined
  const short = (bytes[start + 1] ?? 0) & 0x7f
  const [from, length] =
    short === LONG_LENGTH
      ? [start + 10, Number(bytes.readBigUInt64BE(start + 2))]
      : short === MIDDLE_LENGTH
        ? [start + 4, bytes.readUInt16BE(start + 2)]
        : [start + 2, short]
  return { start: from, end: from + length }
}

function readSequence(bytes: Buffer, from: number): number {
  let sequence = 0
  for (let index = from; ; index += 1) {
    const digit = bytes[index] ?? 0
    if (digit < ZERO || digit > NINE) return sequence
    sequence = sequence * 10 + digit - ZERO
  }
}

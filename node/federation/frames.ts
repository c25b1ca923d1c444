import type { Stream } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'
import { messageOf } from '../base/errors.ts'

/**
 * One frame on a stream (protocol, "Frames"): four bytes of length, big-endian, then that many bytes of UTF-8 text. The first
 * line is a JSON object that says what it is; each further line is one event.
 */
export interface Frame {
  header: unknown
  lines: string[]
}

/** The other side broke the protocol, or fell silent. Codes are for logs and status. */
export class ProtocolError extends Error {
  readonly code: 'bad_frame' | 'frame_too_large' | 'silence' | 'unexpected_frame' | 'bad_events' | 'closed'

  constructor(code: ProtocolError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ProtocolError'
    this.code = code
  }
}

export interface FrameLimits {
  maxFrameBytes: number
  /** A stream on which neither side moved a byte for so long is given up. */
  silenceMs: number
}

/** Frames over one stream. Reading and writing may go on at the same time, but only one of each. */
export interface FrameChannel {
  /** The next frame, or undefined when the other side has ended. Throws `ProtocolError`. */
  read(): Promise<Frame | undefined>
  /** Settles when the stream can take more: this is the backpressure. Throws `ProtocolError`. */
  write(header: object, lines?: readonly string[]): Promise<void>
  /** Ends our side after what was written. */
  close(): Promise<void>
  /** Drops the stream; pending reads and writes throw. */
  abort(reason: Error): void
}

const LENGTH_BYTES = 4
const decoder = new TextDecoder('utf-8', { fatal: true })

export function createFrameChannel(stream: Stream, limits: FrameLimits): FrameChannel {
  const silence = setTimeout(() => {
    abort(new ProtocolError('silence', `The peer was silent for ${limits.silenceMs} ms`))
  }, limits.silenceMs)
  silence.unref()
  const bytes = createByteReader(stream, { highWater: limits.maxFrameBytes, onBytes: () => silence.refresh() })

  stream.addEventListener('close', ({ error }) => {
    clearTimeout(silence)
    bytes.end(error && broken(error))
  })

  function abort(reason: Error): void {
    clearTimeout(silence)
    bytes.end(reason)
    stream.abort(reason)
  }

  async function read(): Promise<Frame | undefined> {
    const header = await bytes.take(LENGTH_BYTES)
    if (header === undefined) return undefined
    const length = Buffer.from(header).readUInt32BE()
    if (length > limits.maxFrameBytes) {
      const message = `A frame of ${length} bytes; the limit is ${limits.maxFrameBytes}`
      const error = new ProtocolError('frame_too_large', message)
      abort(error)
      throw error
    }
    const body = await bytes.take(length)
    if (body === undefined) throw new ProtocolError('closed', 'The stream ended inside a frame')
    return parseFrame(body)
  }

  async function write(header: object, lines: readonly string[] = []): Promise<void> {
    const body = Buffer.from([JSON.stringify(header), ...lines].join('\n'))
    const length = Buffer.alloc(LENGTH_BYTES)
    length.writeUInt32BE(body.length)
    try {
      stream.send(new Uint8ArrayList(length, body))
      await drained(stream)
    } catch (error) {
      throw bytes.failure() ?? broken(error)
    }
    silence.refresh()
  }

  return {
    read,
    write,
    async close() {
      const signal = AbortSignal.timeout(limits.silenceMs)
      await stream.close({ signal }).catch((error: unknown) => abort(broken(error)))
    },
    abort,
  }
}

interface ByteReader {
  /** So many bytes, or undefined when the stream ended before the first of them. Throws when it ended or broke within. */
  take(count: number): Promise<Uint8Array | undefined>
  /** Nothing more will come. */
  end(failure: Error | undefined): void
  failure(): Error | undefined
}

function createByteReader(stream: Stream, { highWater, onBytes }: { highWater: number; onBytes(): void }): ByteReader {
  const buffer = new Uint8ArrayList()
  let failure: Error | undefined
  let hasEnded = false
  let wakeReader = () => {}

  function end(reason: Error | undefined): void {
    hasEnded = true
    failure ??= reason
    wakeReader()
  }

  stream.addEventListener('message', ({ data }) => {
    onBytes()
    buffer.append(data)
    // Without this the muxer would hand out window for ever and a fast sender fill our memory.
    if (buffer.byteLength > highWater && stream.readStatus === 'readable') stream.pause()
    wakeReader()
  })
  stream.addEventListener('remoteCloseWrite', () => end(undefined))

  function resume(): void {
    if (stream.readStatus !== 'paused') return
    try {
      stream.resume()
    } catch (error) {
      end(broken(error))
    }
  }

  async function hasBytes(count: number): Promise<boolean> {
    while (buffer.byteLength < count) {
      if (failure) throw failure
      resume() // @NOTE a paused stream still holds bytes of its own after the other side has closed.
      if (buffer.byteLength >= count) return true
      if (hasEnded && stream.readBufferLength === 0) return false
      await new Promise<void>((resolve) => (wakeReader = resolve))
    }
    return true
  }

  return {
    async take(count) {
      if (!(await hasBytes(count))) {
        if (buffer.byteLength === 0) return undefined
        throw new ProtocolError('closed', 'The stream ended inside a frame')
      }
      const taken = buffer.subarray(0, count)
      buffer.consume(count)
      return taken
    },
    end,
    failure: () => failure,
  }
}

const broken = (error: unknown) =>
  new ProtocolError('closed', `The stream broke: ${messageOf(error)}`, { cause: error })

/**
 * Until the stream has passed on what it was given. @NOTE `stream.onDrain()` waits only the first time (@libp2p/utils 7.4.1
 * keeps the resolved promise), so the events are watched here.
 */
async function drained(stream: Stream): Promise<void> {
  while (stream.writeBufferLength > 0) {
    await new Promise<void>((resolve, reject) => {
      const closed = () => settle(() => reject(new Error('closed while sending')))
      const moved = () => settle(resolve)
      function settle(outcome: () => void): void {
        stream.removeEventListener('drain', moved)
        stream.removeEventListener('idle', moved)
        stream.removeEventListener('close', closed)
        outcome()
      }
      stream.addEventListener('drain', moved)
      stream.addEventListener('idle', moved)
      stream.addEventListener('close', closed)
    })
  }
}

function parseFrame(body: Uint8Array): Frame {
  try {
    const [header = '', ...lines] = decoder.decode(body).split('\n')
    return { header: JSON.parse(header), lines }
  } catch (error) {
    throw new ProtocolError('bad_frame', 'A frame is not UTF-8 text with a JSON header', { cause: error })
  }
}

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
  const buffer = new Uint8ArrayList()
  let failure: Error | undefined
  let ended = false
  let wakeReader: (() => void) | undefined

  const silence = setTimeout(() => {
    fail(new ProtocolError('silence', `The peer was silent for ${limits.silenceMs} ms`))
  }, limits.silenceMs)
  silence.unref()

  function wake(): void {
    wakeReader?.()
    wakeReader = undefined
  }

  function finish(error?: Error): void {
    ended = true
    failure ??= error
    clearTimeout(silence)
    wake()
  }

  function fail(error: Error): void {
    finish(error)
    stream.abort(error)
  }

  stream.addEventListener('message', ({ data }) => {
    silence.refresh()
    buffer.append(data)
    // Without this the muxer would hand out window for ever and a fast sender fill our memory.
    if (buffer.byteLength > limits.maxFrameBytes && stream.readStatus === 'readable') stream.pause()
    wake()
  })
  stream.addEventListener('remoteCloseWrite', () => {
    ended = true
    wake()
  })
  stream.addEventListener('close', (event) => {
    finish(
      event.error && new ProtocolError('closed', `The stream broke: ${messageOf(event.error)}`, { cause: event.error }),
    )
  })

  /** Waits until so many bytes are here; false when the stream ended before. */
  async function hasBytes(count: number): Promise<boolean> {
    while (buffer.byteLength < count) {
      if (failure) throw failure
      // @NOTE a paused stream still holds bytes of its own after the other side has closed.
      resume()
      if (ended && stream.readBufferLength === 0 && buffer.byteLength < count) return false
      if (buffer.byteLength >= count) break
      await new Promise<void>((resolve) => (wakeReader = resolve))
    }
    return true
  }

  function resume(): void {
    if (stream.readStatus !== 'paused') return
    try {
      stream.resume()
    } catch (error) {
      finish(new ProtocolError('closed', 'The stream broke', { cause: error }))
    }
  }

  async function read(): Promise<Frame | undefined> {
    if (!(await hasBytes(LENGTH_BYTES))) {
      if (buffer.byteLength > 0) throw new ProtocolError('closed', 'The stream ended inside a frame')
      return undefined
    }
    const length = buffer.getUint32(0)
    if (length > limits.maxFrameBytes) {
      const error = new ProtocolError(
        'frame_too_large',
        `A frame of ${length} bytes; the limit is ${limits.maxFrameBytes}`,
      )
      fail(error)
      throw error
    }
    if (!(await hasBytes(LENGTH_BYTES + length))) throw new ProtocolError('closed', 'The stream ended inside a frame')
    const body = buffer.subarray(LENGTH_BYTES, LENGTH_BYTES + length)
    buffer.consume(LENGTH_BYTES + length)
    return parseFrame(body)
  }

  async function write(header: object, lines: readonly string[] = []): Promise<void> {
    if (failure) throw failure
    const body = Buffer.from([JSON.stringify(header), ...lines].join('\n'))
    const length = Buffer.alloc(LENGTH_BYTES)
    length.writeUInt32BE(body.length)
    try {
      stream.send(new Uint8ArrayList(length, body))
      await drained(stream)
    } catch (error) {
      throw failure ?? new ProtocolError('closed', `The stream broke: ${messageOf(error)}`, { cause: error })
    }
    silence.refresh()
  }

  return {
    read,
    write,
    async close() {
      await stream.close({ signal: AbortSignal.timeout(limits.silenceMs) }).catch((error: unknown) => {
        fail(new ProtocolError('closed', `The stream broke: ${messageOf(error)}`, { cause: error }))
      })
    },
    abort: fail,
  }
}

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

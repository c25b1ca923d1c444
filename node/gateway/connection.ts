import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { CLOSE, type Closing, lagged, type LagUnit } from './close-codes.ts'

/** Frames are handed to the socket at once while it holds less than this; beyond it they queue here. */
export const DIRECT_BYTES = 1024 * 1024
/** A send that takes longer ends the connection without a close frame (contract 3.1). */
const STUCK_MS = 10_000
const TEXT = { binary: false } as const

export interface ConnectionSession {
  readonly userId: string
  readonly sessionId: string
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt: number
}

export interface ConnectionOptions {
  ws: Pick<WebSocket, 'send' | 'ping' | 'close' | 'terminate' | 'on'>
  /** The socket below `ws`: corked for batches, measured for backpressure. */
  socket: Pick<Duplex, 'cork' | 'uncork' | 'writableLength' | 'on'>
  session: ConnectionSession
  lagUnit: LagUnit
  limits: { queueFrames: number; pingIntervalMs: number; idleTimeoutMs: number }
  /** Milliseconds since the Unix epoch. */
  openedAt: number
}

/** One WebSocket with its bounded queue. What the client sends is ignored; it only proves that somebody is there. */
export class Connection {
  readonly session: ConnectionSession
  readonly #options: ConnectionOptions
  #isOpen = true
  #queue: Buffer[] = []
  /** Frames given to `ws` whose write has not finished. */
  #unsent = 0
  #hasProgressed = false
  #wasHeard = false
  #progressAt: number
  #heardAt: number
  #pingedAt: number
  #drainWaiters: (() => void)[] = []
  #closeListeners: (() => void)[] = []

  constructor(options: ConnectionOptions) {
    const { ws, socket, openedAt } = options
    this.#options = options
    this.session = options.session
    this.#progressAt = openedAt
    this.#heardAt = openedAt
    this.#pingedAt = openedAt
    const heard = () => void (this.#wasHeard = true)
    ws.on('message', heard)
    ws.on('ping', heard)
    ws.on('pong', heard)
    // ws closes by itself after an error (1009 for a frame too large); `close` follows.
    ws.on('error', () => {})
    ws.on('close', () => this.#onClosed())
    socket.on('drain', () => this.#flush())
  }

  get queued(): number {
    return this.#queue.length
  }

  /** Whether more frames would pile up rather than leave. */
  get isCongested(): boolean {
    return this.#queue.length > 0 || this.#options.socket.writableLength >= DIRECT_BYTES
  }

  /** Gives false when the socket was too far behind: it is being closed then. */
  send(frame: Buffer): boolean {
    if (!this.#isOpen) return false
    if (!this.isCongested) this.#transmit(frame)
    else if (this.#queue.length < this.#options.limits.queueFrames) this.#queue.push(frame)
    else return this.#lag()
    return true
  }

  /** Sends until `uncork` leave in one write. Every `cork` needs its `uncork`. */
  cork(): void {
    this.#options.socket.cork()
  }

  uncork(): void {
    this.#options.socket.uncork()
  }

  /** Settles when there is room again, or nobody left to wait for. */
  drained(): Promise<void> {
    if (!this.#isOpen || !this.isCongested) return Promise.resolve()
    return new Promise((resolve) => this.#drainWaiters.push(resolve))
  }

  close({ code, reason }: Closing): void {
    if (!this.#isOpen) return
    this.#end()
    this.#options.ws.close(code, reason)
  }

  /** Ends without a close frame. */
  terminate(): void {
    this.#end()
    this.#options.ws.terminate()
  }

  /** Runs once when the socket is gone, whoever ended it. */
  onClose(listener: () => void): void {
    this.#closeListeners.push(listener)
  }

  /** Called about once a second: ends what is stuck, expired or silent, and pings the rest. */
  beat(now: number): void {
    if (this.#isStuck(now)) return this.terminate()
    if (!this.#isOpen) return
    const { pingIntervalMs, idleTimeoutMs } = this.#options.limits
    if (now >= this.session.expiresAt) return this.close(CLOSE.tokenExpired)
    if (this.#isSilent(now, idleTimeoutMs)) return this.close(CLOSE.idle)
    if (now - this.#pingedAt < pingIntervalMs) return
    this.#pingedAt = now
    this.#options.ws.ping()
  }

  #isStuck(now: number): boolean {
    if (this.#unsent === 0 || this.#hasProgressed) this.#progressAt = now
    this.#hasProgressed = false
    return now - this.#progressAt >= STUCK_MS
  }

  #isSilent(now: number, idleTimeoutMs: number): boolean {
    if (this.#wasHeard) this.#heardAt = now
    this.#wasHeard = false
    return now - this.#heardAt >= idleTimeoutMs
  }

  #transmit(frame: Buffer): void {
    this.#unsent += 1
    this.#options.ws.send(frame, TEXT, this.#onSent)
  }

  // One function for all frames: streams group callbacks that are the same.
  #onSent = (): void => {
    this.#unsent -= 1
    this.#hasProgressed = true
  }

  #flush(): void {
    const { socket } = this.#options
    let sent = 0
    socket.cork()
    for (const frame of this.#queue) {
      if (socket.writableLength >= DIRECT_BYTES) break
      this.#transmit(frame)
      sent += 1
    }
    this.#queue.splice(0, sent)
    socket.uncork()
    if (!this.isCongested) this.#releaseWaiters()
  }

  #lag(): false {
    this.close(lagged(this.#queue.length + 1, this.#options.lagUnit))
    return false
  }

  #end(): void {
    this.#isOpen = false
    this.#queue = []
    this.#releaseWaiters()
  }

  #onClosed(): void {
    this.#end()
    const listeners = this.#closeListeners
    this.#closeListeners = []
    for (const listener of listeners) listener()
  }

  #releaseWaiters(): void {
    const waiters = this.#drainWaiters
    this.#drainWaiters = []
    for (const resolve of waiters) resolve()
  }
}

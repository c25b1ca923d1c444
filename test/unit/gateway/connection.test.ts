import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { Connection, DIRECT_BYTES } from '../../../node/gateway/connection.ts'

const START = 1_000_000
const FRAME = Buffer.from('{}')

/** A WebSocket and the socket below it, whose other end reads only when told to. */
class StubSocket extends EventEmitter {
  writableLength = 0
  corks = 0
  cork() {
    this.corks += 1
  }
  uncork() {
    this.corks -= 1
  }
  /** The other end reads everything. */
  drain() {
    this.writableLength = 0
    this.emit('drain')
  }
}

class StubWebSocket extends EventEmitter {
  readonly sent: Buffer[] = []
  readonly done: (() => void)[] = []
  readonly log: string[] = []
  send(frame: Buffer, _options: unknown, done: () => void) {
    this.sent.push(frame)
    this.done.push(done)
  }
  ping() {
    this.log.push('ping')
  }
  close(code: number, reason: string) {
    this.log.push(`close ${code} ${reason}`)
  }
  terminate() {
    this.log.push('terminate')
    this.emit('close')
  }
}

function open({ queueFrames = 256, expiresAt = Number.POSITIVE_INFINITY } = {}) {
  const ws = new StubWebSocket()
  const socket = new StubSocket()
  const connection = new Connection({
    ws: ws as never,
    socket: socket as never,
    session: { userId: 'u', sessionId: 's', expiresAt },
    lagUnit: 'messages',
    limits: { queueFrames, pingIntervalMs: 30_000, idleTimeoutMs: 90_000 },
    openedAt: START,
  })
  return { ws, socket, connection }
}

describe('a socket that keeps up', () => {
  it('gets frames at once', () => {
    const { ws, connection } = open()

    expect(connection.send(FRAME)).toBe(true)

    expect(ws.sent).toEqual([FRAME])
    expect(connection.queued).toBe(0)
  })

  it('is pinged once an interval and stays open while it answers', () => {
    const { ws, connection } = open()

    for (let second = 1; second <= 300; second += 1) {
      connection.beat(START + second * 1_000)
      ws.emit('pong')
    }

    expect(ws.log).toEqual(Array(10).fill('ping'))
  })
})

describe('a socket that falls behind', () => {
  it('has its frames queued, and gets them in order when it reads again', () => {
    const { ws, socket, connection } = open()
    const frames = ['a', 'b', 'c'].map((text) => Buffer.from(text))
    socket.writableLength = DIRECT_BYTES

    for (const frame of frames) connection.send(frame)
    expect(ws.sent).toEqual([])
    socket.drain()

    expect(ws.sent).toEqual(frames)
    expect(connection.queued).toBe(0)
    expect(socket.corks).toBe(0)
  })

  it('never has a later frame overtake the queue', () => {
    const { ws, socket, connection } = open()
    socket.writableLength = DIRECT_BYTES
    connection.send(Buffer.from('first'))
    socket.writableLength = 0

    connection.send(Buffer.from('second'))
    socket.drain()

    expect(ws.sent.map(String)).toEqual(['first', 'second'])
  })

  it('is closed with 1008 and the number of frames it misses', () => {
    const { ws, socket, connection } = open({ queueFrames: 3 })
    socket.writableLength = DIRECT_BYTES

    const taken = [1, 2, 3, 4, 5].map(() => connection.send(FRAME))

    expect(taken).toEqual([true, true, true, false, false])
    expect(ws.log).toEqual(['close 1008 lagged by 4 messages'])
    socket.drain()
    expect(ws.sent).toEqual([])
  })

  it('whoever waits for room goes on when there is some, or when it closes', async () => {
    const { socket, connection } = open()
    socket.writableLength = DIRECT_BYTES
    const first = connection.drained()
    socket.drain()
    await first

    socket.writableLength = DIRECT_BYTES
    const second = connection.drained()
    connection.close({ code: 1001, reason: '' })
    await second
  })
})

describe('a socket nobody reads', () => {
  it('is cut off ten seconds into a send that does not finish', () => {
    const { ws, connection } = open()
    connection.beat(START + 60_000)
    ws.emit('pong')
    ws.log.length = 0
    connection.send(FRAME)

    connection.beat(START + 69_000)
    expect(ws.log).toEqual([])
    connection.beat(START + 70_000)

    expect(ws.log).toEqual(['terminate'])
  })

  it('is left alone as long as its sends finish', () => {
    const { ws, connection } = open()
    connection.send(FRAME)

    for (let second = 1; second < 30; second += 1) {
      connection.send(FRAME)
      ws.done.shift()?.()
      connection.beat(START + second * 1_000)
    }

    expect(ws.log).toEqual([])
  })

  it('is closed when it answers no ping', () => {
    const { ws, connection } = open()

    for (let second = 1; second <= 90; second += 1) connection.beat(START + second * 1_000)

    expect(ws.log).toEqual(['ping', 'ping', 'close 4008 no answer to pings'])
  })
})

describe('the end of a connection', () => {
  it('comes when the access token expires', () => {
    const { ws, connection } = open({ expiresAt: START + 5_000 })

    connection.beat(START + 4_999)
    connection.beat(START + 5_000)
    connection.beat(START + 6_000)

    expect(ws.log).toEqual(['close 4001 access token expired'])
  })

  it('is told once, however it ends', () => {
    const { ws, connection } = open()
    let told = 0
    connection.onClose(() => (told += 1))

    connection.terminate()
    ws.emit('close')

    expect(told).toBe(1)
  })

  it('takes no frame after it', () => {
    const { ws, connection } = open()
    connection.close({ code: 1001, reason: 'bye' })

    expect(connection.send(FRAME)).toBe(false)
    expect(ws.sent).toEqual([])
  })
})

import type { Stream } from '@libp2p/interface'
import { streamPair } from '@libp2p/utils'
import { afterEach, describe, expect, it } from 'vitest'
import { createFrameChannel, type FrameChannel, type FrameLimits } from '../../../node/federation/frames.ts'

const LIMITS: FrameLimits = { maxFrameBytes: 64 * 1024, silenceMs: 5_000 }

const open: FrameChannel[] = []

/** Two ends of a stream; the limits are those of the right one. */
async function pair(limits: FrameLimits = LIMITS) {
  const [left, right] = await streamPair()
  const channels = { left: createFrameChannel(left, LIMITS), right: createFrameChannel(right, limits) }
  open.push(channels.left, channels.right)
  return { ...channels, raw: left }
}

afterEach(() => {
  for (const channel of open.splice(0)) channel.abort(new Error('The test is over'))
})

function sendRaw(stream: Stream, length: number, body: string | Uint8Array): void {
  const header = Buffer.alloc(4)
  header.writeUInt32BE(length)
  stream.send(Buffer.concat([header, Buffer.from(body)]))
}

describe('frames', () => {
  it('a header and its lines arrive as they were written', async () => {
    const { left, right } = await pair()

    await left.write({ type: 'events' }, ['{"a":"ü\\n"}', '{"b":2}'])

    expect(await right.read()).toEqual({ header: { type: 'events' }, lines: ['{"a":"ü\\n"}', '{"b":2}'] })
  })

  it('frames written one after the other are read one after the other, then the end', async () => {
    const { left, right } = await pair()

    await left.write({ n: 1 })
    await left.write({ n: 2 }, ['x'.repeat(10_000)])
    await left.close()

    expect((await right.read())?.header).toEqual({ n: 1 })
    expect((await right.read())?.header).toEqual({ n: 2 })
    expect(await right.read()).toBeUndefined()
  })

  it('many large frames pass a reader that is slow to begin', async () => {
    const { left, right } = await pair()
    const line = 'y'.repeat(60_000)

    const written = (async () => {
      for (let n = 0; n < 50; n += 1) await left.write({ n }, [line])
      await left.close()
    })()
    await new Promise(setImmediate)
    const sizes: number[] = []
    for (let frame = await right.read(); frame !== undefined; frame = await right.read()) {
      sizes.push(frame.lines[0]?.length ?? 0)
    }
    await written

    expect(sizes).toEqual(Array.from({ length: 50 }, () => 60_000))
  })

  it('a frame longer than the limit is refused before its body is read', async () => {
    const { raw, right } = await pair()

    sendRaw(raw, 0xffff_ffff, 'x')

    await expect(right.read()).rejects.toMatchObject({ code: 'frame_too_large' })
  })

  it.each([
    { what: 'no JSON', body: 'hello there' },
    { what: 'no UTF-8', body: Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d) },
    { what: 'nothing', body: '' },
  ])('a frame that holds $what is refused', async ({ body }) => {
    const { raw, right } = await pair()

    sendRaw(raw, body.length, body)

    await expect(right.read()).rejects.toMatchObject({ code: 'bad_frame' })
  })

  it('a stream that ends inside a frame is an error, not an end', async () => {
    const { raw, right } = await pair()

    sendRaw(raw, 100, 'too short')
    await raw.close()

    await expect(right.read()).rejects.toMatchObject({ code: 'closed' })
  })

  it('a silent peer is given up', async () => {
    const { right } = await pair({ ...LIMITS, silenceMs: 30 })

    await expect(right.read()).rejects.toMatchObject({ code: 'silence' })
  })

  it('a stream that is reset wakes the reader', async () => {
    const { left, right } = await pair()
    const reading = right.read()

    left.abort(new Error('gone'))

    await expect(reading).rejects.toMatchObject({ code: 'closed' })
  })
})

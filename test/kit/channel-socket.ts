import { z } from 'zod'
import { eventEnvelopeSchema } from '../../node/api/frames.ts'
import { openSocket } from './sockets.ts'

/** A message as a person reads it. */
export interface Heard {
  sequence: number
  eventId: string
  text: string
}

/** A client that listens to one channel. */
export interface ChannelSocket extends AsyncDisposable {
  /** Everything heard so far, the replay first. */
  readonly heard: readonly Heard[]
  /** The first message, heard already or still to come, that holds. Throws when the socket closes or time runs out. */
  until(holds: (message: Heard) => boolean, timeoutMs?: number): Promise<Heard>
  readonly closed: Promise<{ code: number; reason: string }>
}

const PATIENCE_MS = 20_000

const heardSchema = eventEnvelopeSchema.extend({
  event: z.looseObject({ event_id: z.string(), content: z.looseObject({ content: z.string() }) }),
})

export function toHeard(envelope: unknown): Heard {
  const { sequence, event } = heardSchema.parse(envelope)
  return { sequence, eventId: event.event_id, text: event.content.content }
}

export async function openChannelSocket(address: string, channelId: string, token: string): Promise<ChannelSocket> {
  const socket = await openSocket(`${address}/channels/${channelId}/ws`, { token })
  const heard: Heard[] = []
  const take = () => heard.push(...socket.frames.slice(heard.length).map(toHeard))
  take()
  socket.ws.on('message', take)

  function until(holds: (message: Heard) => boolean, timeoutMs = PATIENCE_MS): Promise<Heard> {
    const { promise, resolve, reject } = Promise.withResolvers<Heard>()
    const fail = (why: string) =>
      reject(new Error(`${why}; heard ${heard.length} messages, last ${heard.at(-1)?.text ?? 'none'}`))
    const timer = setTimeout(() => fail(`Not heard within ${timeoutMs} ms`), timeoutMs)
    let looked = 0
    const look = () => {
      const found = heard.slice(looked).find(holds)
      looked = heard.length
      if (found) resolve(found)
    }
    const onClose = () => fail('The socket was closed')
    socket.ws.on('message', look)
    socket.ws.once('close', onClose)
    look()
    return promise.finally(() => {
      clearTimeout(timer)
      socket.ws.off('message', look)
      socket.ws.off('close', onClose)
    })
  }

  return { heard, until, closed: socket.closed, [Symbol.asyncDispose]: () => socket[Symbol.asyncDispose]() }
}

import { sentMessageSchema } from '../../../node/api/messages.ts'
import { type HttpConnection, openHttpConnection } from './http-connection.ts'

/** A channel of a node and somebody who may write there. */
export interface Place {
  /** Base URL of the node. */
  address: string
  channelId: string
  token: string
}

/** A message that was answered with 200: durable. */
export interface Posted {
  sequence: number
  /** When its request left and when its answer was here; `performance.now()`. */
  sentAt: number
  answeredAt: number
}

export const latencyOf = ({ sentAt, answeredAt }: Posted): number => answeredAt - sentAt

export const TEXT_CHARACTERS = 200

/** 200 characters, no two texts alike. */
export const textOf = (index: number): string => `message ${index} `.padEnd(TEXT_CHARACTERS, 'abcdefghij ')

/** Posts as one client after the other's answer, on one connection. Throws at anything but 200. */
export interface Poster {
  post(index: number): Promise<Posted>
  close(): void
}

export async function openPoster({ address, channelId, token }: Place): Promise<Poster> {
  const connection: HttpConnection = await openHttpConnection(address, token)
  const path = `/channels/${channelId}/messages`
  return {
    async post(index) {
      const body = JSON.stringify({ sender: '', content: textOf(index) })
      const sentAt = performance.now()
      const answer = await connection.post(path, body)
      const answeredAt = performance.now()
      if (answer.status !== 200) throw new Error(`A message was answered with ${answer.status} ${answer.body}`)
      return {
        sequence: sentMessageSchema.pick({ sequence: true }).parse(JSON.parse(answer.body)).sequence,
        sentAt,
        answeredAt,
      }
    },
    close: connection.close,
  }
}

export const openPosters = (place: Place, count: number): Promise<Poster[]> =>
  Promise.all(Array.from({ length: count }, () => openPoster(place)))

/** Every poster posts as fast as it is answered until `isOver` says so. */
export async function postUntil(posters: readonly Poster[], isOver: (posted: number) => boolean): Promise<Posted[]> {
  const posted: Posted[] = []
  let begun = 0
  const run = async (poster: Poster): Promise<void> => {
    while (!isOver(begun)) posted.push(await poster.post(begun++))
  }
  await Promise.all(posters.map(run))
  return posted
}

const POSTERS = 32

/** Posts so many messages, as fast as may be. */
export async function postMany(place: Place, count: number): Promise<Posted[]> {
  const posters = await openPosters(place, Math.min(POSTERS, count))
  const posted = await postUntil(posters, (begun) => begun >= count)
  for (const poster of posters) poster.close()
  return posted
}

/** Posts at a fixed rate, whether or not the node keeps up: what waits for it counts as latency. */
export async function postAtRate(place: Place, load: { perSecond: number; count: number }): Promise<Posted[]> {
  const idle = await openPosters(place, POSTERS)
  const all = [...idle]
  const startAt = performance.now()
  const pending: Promise<Posted>[] = []
  for (let index = 0; index < load.count; index += 1) {
    const dueAt = startAt + (index * 1000) / load.perSecond
    await sleepUntil(dueAt)
    const poster = idle.pop()
    if (poster === undefined) throw new Error(`The node did not keep up with ${load.perSecond} messages a second`)
    pending.push(poster.post(index).then((posted) => (idle.push(poster), { ...posted, sentAt: dueAt })))
  }
  const posted = await Promise.all(pending)
  for (const poster of all) poster.close()
  return posted
}

async function sleepUntil(at: number): Promise<void> {
  const leftMs = at - performance.now()
  if (leftMs > 0) await new Promise((resolve) => setTimeout(resolve, leftMs))
}

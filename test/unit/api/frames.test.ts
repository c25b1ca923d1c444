import { describe, expect, it } from 'vitest'
import {
  eventEnvelopeSchema,
  presentEnvelope,
  presentMessageNotification,
  presentPage,
} from '../../../node/api/frames.ts'
import { presentTime } from '../../../node/api/times.ts'
import type { StoredEvent } from '../../../node/services/timeline/types.ts'

const CHANNEL = '3b7f3e93-7c9c-47f5-91d3-cbf09dc5a8f6'

const stored = (sequence: number | null, body: string) => ({ sequence, body, roomId: CHANNEL }) as StoredEvent

describe('frames', () => {
  it('carry the event text untouched, number tokens included', () => {
    const body = '{"content":{"exact":9007199254740993,"float":1.0}}'

    const frame = presentEnvelope({ sequence: 7, roomId: CHANNEL, body })

    expect(frame).toBe(`{"sequence":7,"channel_id":"${CHANNEL}","event":${body}}`)
    expect(eventEnvelopeSchema.safeParse(JSON.parse(frame)).success).toBe(true)
  })

  it('a page is an array of envelopes and leaves out what is not shown', () => {
    const page = presentPage([stored(1, '{}'), stored(null, '{"hidden":true}'), stored(2, '{}')])

    expect(JSON.parse(page)).toEqual([
      { sequence: 1, channel_id: CHANNEL, event: {} },
      { sequence: 2, channel_id: CHANNEL, event: {} },
    ])
    expect(presentPage([])).toBe('[]')
  })

  it('a message notification has its kind first and no guild', () => {
    expect(presentMessageNotification({ sequence: 7, roomId: CHANNEL, body: '{}' })).toBe(
      `{"kind":"channel_message","channel_id":"${CHANNEL}","sequence":7,"event":{}}`,
    )
  })
})

describe('times', () => {
  it.each([
    [1_767_323_045_000, '2026-01-02T03:04:05Z'],
    [1_767_323_045_120, '2026-01-02T03:04:05.120Z'],
    [0, '1970-01-01T00:00:00Z'],
  ])('%i ms is %s', (ms, text) => {
    expect(presentTime(ms)).toBe(text)
  })
})

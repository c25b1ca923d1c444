import { describe, expect, it } from 'vitest'
import type { EventId } from '../../../node/base/ids.ts'
import { buildEvent, signEvent } from '../../../node/events/build.ts'
import { checkGuildEvent } from '../../../node/events/check-guild-event.ts'
import {
  guildIdOf,
  isTimelineRoom,
  isLawEvent,
  LAW_EVENT_TYPES,
  positionOf,
} from '../../../node/events/schema/event.ts'
import { verifySignature } from '../../../node/events/verify.ts'
import { createdIdOf } from '../../../node/events/wire-form.ts'
import { ALICE, createGuild, GUILD, GUILD_ID, messageBody, ORIGIN, parsedOf, signedMessage, SIGNER } from './sample.ts'

describe('buildEvent', () => {
  it('makes a guild whose id nobody can make again', () => {
    const other = createGuild('Cellar')

    expect(GUILD_ID).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(createGuild().event.room_id).toBe(GUILD_ID)
    expect(other.event.room_id).not.toBe(GUILD_ID)
    expect(createdIdOf(GUILD.event)).toBe(GUILD_ID)
  })

  it('signs what every node takes as well formed', () => {
    const verdict = checkGuildEvent(parsedOf(GUILD.text))

    expect(verdict).toMatchObject({ kind: 'well-formed', guildId: GUILD_ID, position: 1, keyId: SIGNER.keyId })
    if (verdict.kind !== 'well-formed') return
    expect(verifySignature(SIGNER.publicKey, GUILD.hash, verdict.signature)).toBe(true)
    expect(verdict.event).toEqual(GUILD.event)
  })

  it('gives the event as others will read it, without members left undefined', () => {
    const { event } = buildEvent(
      {
        event_type: 'guild.update',
        origin_server: ORIGIN,
        room_id: GUILD_ID,
        sender: ALICE,
        origin_ts: 5,
        content: { log: { position: 2 }, name: undefined },
        prev_events: [GUILD.eventId],
        auth_events: [GUILD.eventId],
      },
      SIGNER,
    )

    expect(Object.keys(event.content)).toEqual(['log'])
  })

  it('refuses to sign content that others would refuse', () => {
    const draft = { ...GUILD.event, content: { ...GUILD.event.content, name: ' padded ' } }

    expect(() => buildEvent(draft, SIGNER)).toThrow(TypeError)
    expect(() => signEvent(messageBody({ content: { n: 0.5 } }), SIGNER)).toThrow(TypeError)
    expect(() => signEvent(messageBody({ content: '\ud800' }), SIGNER)).toThrow(TypeError)
    expect(() => signEvent(messageBody({ sender: '\ud800' }), SIGNER)).toThrow(TypeError)
    expect(() => signEvent(messageBody({ origin_ts: 0.5 }), SIGNER)).toThrow(TypeError)
  })

  it('refuses to make an event larger than the protocol allows', () => {
    const linked = (count: number) => ({ ...GUILD.event, prev_events: Array<EventId>(count).fill(GUILD.eventId) })

    expect(() => buildEvent(linked(2_000), SIGNER)).toThrow(RangeError)
    expect(() => buildEvent(linked(20), SIGNER)).not.toThrow()
  })

  it('makes text without a raw newline, so that streams may part events by one', () => {
    expect(signedMessage({ content: { text: 'a\nb' } }).text).not.toContain('\n')
  })
})

describe('an event', () => {
  it('names its guild, whether it lives in a channel or in the room of the guild', () => {
    const message = checkGuildEvent(parsedOf(signedMessage().text))
    if (message.kind !== 'well-formed') throw new Error(message.code)

    expect([guildIdOf(message.event), positionOf(message.event), isTimelineRoom(message.event)]).toEqual([
      GUILD_ID,
      2,
      true,
    ])
    expect([guildIdOf(GUILD.event), positionOf(GUILD.event), isTimelineRoom(GUILD.event)]).toEqual([GUILD_ID, 1, false])
    expect([isLawEvent(message.event), isLawEvent(GUILD.event)]).toEqual([false, true])
  })

  it('of the law has one of 17 types', () => {
    expect(LAW_EVENT_TYPES).toHaveLength(17)
  })
})

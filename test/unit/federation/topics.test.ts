import { describe, expect, it } from 'vitest'
import { eventIdOfHash, blake3, uuidOfHash } from '../../../node/events/id.ts'
import { guildOfTopic, messageIdOf, topicOf } from '../../../node/federation/topics.ts'

const guildId = uuidOfHash(blake3('guild'))
const eventId = eventIdOfHash(blake3('event'))
const idOf = (text: string) => Buffer.from(messageIdOf(Buffer.from(text))).toString('latin1')

describe('topics', () => {
  it('the guild can be read back from its topic', () => {
    expect(guildOfTopic(topicOf(guildId))).toBe(guildId)
  })

  it.each(['/openguild/guild/none/1', `/other/${guildId}/1`, `/openguild/guild/${guildId}/2`])(
    '%s is no topic of ours',
    (topic) => {
      expect(guildOfTopic(topic)).toBeUndefined()
    },
  )

  it('a message in wire form is known by the event id it claims', () => {
    expect(idOf(`{"schema_version":1,"event_id":"${eventId}","origin_server":"x"}`)).toBe(eventId)
  })

  it('two messages in no known form never have the same id', () => {
    expect(idOf('garbage')).not.toBe(idOf('other garbage'))
    expect(idOf(` {"schema_version":1,"event_id":"${eventId}"}`)).not.toBe(eventId)
  })
})

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

  it('a spoilt copy of a message does not pass for it, whatever event id it claims', () => {
    const genuine = `{"schema_version":1,"event_id":"${eventId}","sender":"a"}`

    expect(idOf(genuine)).toBe(idOf(genuine))
    expect(idOf(genuine.replace('"a"', '"b"'))).not.toBe(idOf(genuine))
  })
})

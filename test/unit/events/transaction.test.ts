import { describe, expect, it } from 'vitest'
import { parseTransaction } from '../../../node/events/transaction.ts'
import { parsedOf, signedMessage } from './sample.ts'

const { text } = signedMessage()
const odd = text.replace('"position":2', '"position":2.50')

describe('parseTransaction', () => {
  it('reads origin and events in order, keeping the number tokens their ids depend on', () => {
    const outcome = parseTransaction(`{ "extra": [1], "pdus": [ ${odd} , ${text} ], "origin": "alpha" }`)

    expect(outcome).toMatchObject({
      kind: 'parsed',
      origin: 'alpha',
      events: [{ eventId: parsedOf(odd).eventId }, { eventId: parsedOf(text).eventId }],
    })
  })

  it('without events is empty', () => {
    expect(parseTransaction('{"origin":"alpha"}')).toEqual({ kind: 'parsed', origin: 'alpha', events: [] })
  })

  it.each(['', '{', '{"origin":"a"} x', `{"origin":"a","pdus":[${'['.repeat(127)}`])('is no JSON: %.40j', (body) => {
    expect(parseTransaction(body).kind).toBe('not-json')
  })

  it.each([
    '[]',
    '{}',
    '{"origin":1}',
    '{"origin":null}',
    '{"origin":"a","origin":"a"}',
    '{"origin":"a","pdus":null}',
    '{"origin":"a","pdus":{}}',
    '{"origin":"a","pdus":[1]}',
    '{"origin":"a","pdus":[{}]}',
    `{"origin":"a","pdus":[${text},{"event_id":"$x"}]}`,
  ])('spoils as a whole: %.60j', (body) => {
    expect(parseTransaction(body).kind).toBe('undecodable')
  })

  it('counts nesting from its own outermost bracket', () => {
    const nested = (levels: number): string => {
      const deep = '['.repeat(levels) + ']'.repeat(levels)
      return `{"origin":"a","pdus":[${text.replace('"position":2', `"a":${deep},"position":2`)}]}`
    }

    // Transaction, list, event, content and log are the first five levels.
    expect(parseTransaction(nested(123)).kind).toBe('parsed')
    expect(parseTransaction(nested(124)).kind).toBe('not-json')
  })
})

import { describe, expect, it } from 'vitest'
import { parseEvent, parseFast } from '../../../node/events/parse.ts'
import { parsedOf, signedMessage } from './sample.ts'

const BARE = {
  event_id: '"$x"',
  origin_server: '"a"',
  room_id: '"r"',
  event_type: '"t"',
  sender: '"s"',
  origin_ts: '1',
  content: '{}',
}

/** An event as text, from field texts; undefined leaves a field out. */
function textOf(changes: Record<string, string | undefined> = {}): string {
  const fields = Object.entries({ ...BARE, ...changes }).filter(([, value]) => value !== undefined)
  return `{${fields.map(([name, value]) => `"${name}":${value}`).join(',')}}`
}

function reasonFor(changes: Record<string, string | undefined>): string {
  const outcome = parseEvent(textOf(changes))
  return outcome.kind === 'malformed' ? outcome.reason : outcome.kind
}

describe('parseEvent', () => {
  it('fills in what is absent and drops what it does not know', () => {
    const parsed = parsedOf(textOf({ unsigned: '{"age":1e400}' }))

    expect(parsed.event).toEqual({
      schema_version: 1,
      event_id: '$x',
      origin_server: 'a',
      room_id: 'r',
      event_type: 't',
      sender: 's',
      origin_ts: 1,
      content: {},
      prev_events: [],
      auth_events: [],
      signatures: {},
    })
    expect(parsed.eventId).toBe(parsedOf(textOf()).eventId)
    expect(parsed.exact).toBe(false)
  })

  it('refuses an event without a required field', () => {
    for (const field of Object.keys(BARE)) expect(reasonFor({ [field]: undefined }), field).toBe('missing_field')
  })

  it('refuses null for every field but content', () => {
    const fields = ['schema_version', 'prev_events', 'auth_events', 'signatures', ...Object.keys(BARE)]
    for (const field of fields) {
      expect(reasonFor({ [field]: 'null' }), field).toBe(field === 'content' ? 'parsed' : 'wrong_type')
    }
  })

  it.each([
    ['schema_version', '-1', 'wrong_type'],
    ['schema_version', '256', 'wrong_type'],
    ['schema_version', '1.0', 'wrong_type'],
    ['schema_version', '"1"', 'wrong_type'],
    ['schema_version', '255', 'parsed'],
    ['schema_version', '0', 'parsed'],
    ['origin_ts', '1.0', 'wrong_type'],
    ['origin_ts', '1e3', 'wrong_type'],
    ['origin_ts', '-0', 'wrong_type'],
    ['origin_ts', '9223372036854775808', 'wrong_type'],
    ['origin_ts', '9223372036854775807', 'parsed'],
    ['origin_ts', '-9223372036854775808', 'parsed'],
    ['origin_ts', '1e400', 'number_out_of_range'],
    ['prev_events', '["a",1]', 'wrong_type'],
    ['auth_events', '{}', 'wrong_type'],
    ['signatures', '[]', 'wrong_type'],
    ['signatures', '{"a":"b"}', 'wrong_type'],
    ['signatures', '{"a":{"b":1}}', 'wrong_type'],
    ['signatures', '{"a":{"b":"c"},"a":{}}', 'parsed'],
    ['content', '1e400', 'number_out_of_range'],
    ['content', '{"a":[1e999]}', 'number_out_of_range'],
    ['content', '"\\ud800"', 'lone_surrogate'],
    ['sender', '"\\udead"', 'lone_surrogate'],
    ['content', `${'['.repeat(127)}${']'.repeat(127)}`, 'parsed'],
    ['content', `${'['.repeat(128)}${']'.repeat(128)}`, 'too_deep'],
  ])('%s: %s is %s', (field, value, reason) => {
    expect(reasonFor({ [field]: value })).toBe(reason)
  })

  it('refuses a known field given twice, and lets the last one win inside content', () => {
    const twice = textOf().replace('{', '{"sender":"x",')
    expect(parseEvent(twice)).toMatchObject({ kind: 'malformed', reason: 'duplicate_field' })

    const parsed = parsedOf(textOf({ content: '{"a":1,"b":2,"a":3}' }))
    expect(parsed.event.content).toEqual({ a: 3, b: 2 })
    expect(parsed.eventId).toBe(parsedOf(textOf({ content: '{"a":3,"b":2}' })).eventId)
  })

  it.each(['', 'null', '[]', '"x"', '1'])('refuses %j, which is no event', (text) => {
    expect(parseEvent(text).kind).toBe('malformed')
  })

  it('tells apart numbers that JSON.parse makes equal', () => {
    const ids = ['1', '1.0', '9007199254740992', '9007199254740993', '0', '-0', '1e2', '100'].map(
      (token) => parsedOf(textOf({ content: `{"n":${token}}` })).eventId,
    )
    expect(new Set(ids).size).toBe(8)
  })

  it('says of an event whether its text is the wire form and whether its numbers are exact', () => {
    const { text } = signedMessage()
    expect(parsedOf(text)).toMatchObject({ exact: true, lossless: true })
    expect(parsedOf(` ${text}`)).toMatchObject({ exact: false, lossless: true })
    expect(parsedOf(text.replace('ö', '\\u00f6'))).toMatchObject({ exact: false, lossless: true })
    expect(parsedOf(text.replace('"position":2', '"position":2.0'))).toMatchObject({ exact: true, lossless: false })
    expect(parsedOf(text.replace('"position":2', '"position":2e0'))).toMatchObject({ exact: false, lossless: false })
  })

  it('decides our own wire form on the fast path, and leaves every other text to the slow one', () => {
    const { text } = signedMessage()
    expect(parseFast(text)).toEqual(parsedOf(text))
    for (const other of [`${text} `, text.replace('ö', '\\ud800'), text.replace('ö', '\\uD800'), 'null', '{', '']) {
      expect(parseFast(other)).toBeUndefined()
    }
  })

  it('takes a backslash before the letters ud for what it is', () => {
    const { text, eventId } = signedMessage({ content: { path: 'C:\\users\\udo' } })
    expect(parsedOf(text)).toMatchObject({ exact: true, lossless: true, eventId })
  })

  it('counts the limit in bytes of UTF-8', () => {
    const text = textOf({ content: `"${'ü'.repeat(100)}"` })
    expect(parseEvent(text, { maxBytes: Buffer.byteLength(text) }).kind).toBe('parsed')
    expect(parseEvent(text, { maxBytes: Buffer.byteLength(text) - 1 })).toMatchObject({ reason: 'too_large' })
    expect(parseEvent(textOf({ content: `"${'x'.repeat(65_536)}"` }))).toMatchObject({ reason: 'too_large' })
  })

  it('keeps fields called __proto__ out of the prototype', () => {
    const parsed = parsedOf(textOf({ content: '{"__proto__":{"x":1}, "y":2}', signatures: '{"__proto__":{"a":"b"}}' }))
    expect(Object.keys(parsed.event.content as object)).toEqual(['__proto__', 'y'])
    expect(Object.getPrototypeOf(parsed.event.signatures)).toBe(Object.prototype)
  })
})

import fc from 'fast-check'
import type { EventBody } from '../../../node/events/wire-form.ts'

/** Any text without lone surrogates, rich in the characters that are escaped or sorted in special ways. */
export const wellFormed = (): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom('"', '\\', '/', '\u0000', '\n', '\u001f', '\u007f', '\u2028', '\uffff', '😀', 'ud'),
    }),
  )

/** Any JSON value whose numbers are safe integers. */
export const jsonValue = (): fc.Arbitrary<unknown> =>
  fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      wellFormed(),
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(wellFormed(), tie('value'), { maxKeys: 4 }),
    ),
  })).value

/** Any event, ours or not. */
export const eventBody = (): fc.Arbitrary<EventBody> =>
  fc.record({
    schema_version: fc.integer({ min: 0, max: 255 }),
    origin_server: wellFormed(),
    room_id: wellFormed(),
    event_type: wellFormed(),
    sender: wellFormed(),
    origin_ts: fc.maxSafeInteger(),
    content: jsonValue(),
    prev_events: fc.array(wellFormed(), { maxLength: 3 }),
    auth_events: fc.array(wellFormed(), { maxLength: 3 }),
  })

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { signEvent } from '../../../node/events/build.ts'
import { parseEvent, parseFast, parseKeepingTokens } from '../../../node/events/parse.ts'
import { hashEvent } from '../../../node/events/wire-form.ts'
import { eventBody } from './arbitrary.ts'
import { parsedOf, SIGNER } from './sample.ts'

describe('any event', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(eventBody(), (body) => {
        const built = signEvent(body, SIGNER)
        const parsed = parsedOf(built.text)

        expect(parsed).toMatchObject({ eventId: built.eventId, exact: true, lossless: true })
        expect(parsed.event).toEqual({ ...body, event_id: built.eventId, signatures: built.event.signatures })
        expect(hashEvent(parsed.event)).toEqual(built.hash)
      }),
    )
  })

  it('has the same id in any order of keys, with any escapes and white space', () => {
    fc.assert(
      fc.property(eventBody(), fc.infiniteStream(fc.nat(9)), (body, choices) => {
        const built = signEvent(body, SIGNER)
        const disguised = disguise(built.event, choices)

        const parsed = parseEvent(disguised, { maxBytes: 2 ** 24 })

        expect(parsed).toMatchObject({ kind: 'parsed', eventId: built.eventId, lossless: true })
      }),
    )
  })

  it('is judged alike by the fast path, wherever it decides, and the one that keeps tokens', () => {
    fc.assert(
      fc.property(eventBody(), fc.infiniteStream(fc.nat()), fc.nat(4), (body, places, edits) => {
        const text = garble(signEvent(body, SIGNER).text, places, edits)

        const fast = parseFast(text)

        if (fast) expect(parseKeepingTokens(text)).toEqual(fast)
      }),
      { numRuns: 500 },
    )
  })

  it('never makes the parser throw, however it is garbled', () => {
    fc.assert(
      fc.property(eventBody(), fc.infiniteStream(fc.nat()), fc.nat(20), (body, places, edits) => {
        expect(parseEvent(garble(signEvent(body, SIGNER).text, places, edits)).kind).toMatch(/parsed|malformed/)
      }),
      { numRuns: 500 },
    )
  })
})

/** The same JSON value in other words. */
function disguise(value: unknown, choices: Iterator<number>): string {
  const pick = (): number => choices.next().value ?? 0
  const space = (): string => [' ', '\n', '\t', '\r', '', '', '', '', '', ''][pick()] ?? ''
  const text = (plain: string): string =>
    `"${[...plain].map((character) => (pick() < 3 ? escaped(character) : JSON.stringify(character).slice(1, -1))).join('')}"`
  const write = (item: unknown): string => {
    if (typeof item === 'string') return text(item)
    if (Array.isArray(item)) return `[${item.map((member) => space() + write(member)).join(',')}${space()}]`
    if (typeof item !== 'object' || item === null) return JSON.stringify(item)
    const members = Object.entries(item).map(([key, member]) => `${space()}${text(key)}${space()}:${write(member)}`)
    return `{${(pick() < 5 ? members : members.reverse()).join(',')}${space()}}`
  }
  return space() + write(value) + space()
}

const escaped = (character: string): string =>
  Array.from({ length: character.length }, (_, index) => unitEscape(character.charCodeAt(index))).join('')

const unitEscape = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0').toUpperCase()}`

const SPLICES = [
  '',
  '0',
  '.',
  '1e3',
  '.0',
  '-',
  '"',
  '\\',
  '\\ud800',
  '\ud800',
  ',',
  ':',
  '{}',
  '[',
  ' ',
  'null',
  '"a":1,',
]

/** Cuts a character out here and there and puts something troublesome in. */
function garble(text: string, places: Iterator<number>, edits: number): string {
  let garbled = text
  for (let edit = 0; edit < edits; edit += 1) {
    const at = (places.next().value ?? 0) % garbled.length
    const splice = SPLICES[(places.next().value ?? 0) % SPLICES.length] ?? ''
    garbled = garbled.slice(0, at) + splice + garbled.slice(at + ((places.next().value ?? 0) % 2))
  }
  return garbled
}

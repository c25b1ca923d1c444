import { z } from 'zod'

/** Unicode White_Space, spelled out: JavaScript's trim also takes U+FEFF and leaves U+0085. */
const WHITE_SPACE = new Set(
  '\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000',
)

export const MAX_NAME_SCALARS = 64
export const MAX_MESSAGE_SCALARS = 4_000
export const MAX_REASON_SCALARS = 512

/** The text without Unicode White_Space at either end (contract 1.7). */
export function trimWhiteSpace(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && WHITE_SPACE.has(text.charAt(start))) start += 1
  while (end > start && WHITE_SPACE.has(text.charAt(end - 1))) end -= 1
  return text.slice(start, end)
}

/** Number of Unicode scalar values of well-formed text; an emoji outside the basic plane counts once. */
export function countScalars(text: string): number {
  let count = text.length
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit >= 0xdc00 && unit <= 0xdfff) count -= 1
  }
  return count
}

/** Text of `min` to `max` scalar values. */
export const boundedText = (min: number, max: number) =>
  z.string().refine((text) => isWithin(countScalars(text), min, max), `must have ${min} to ${max} characters`)

/** A name as it stands in an event: 1 to 64 scalar values, no white space at its ends. */
export const nameSchema = boundedText(1, MAX_NAME_SCALARS).refine(
  (name) => trimWhiteSpace(name) === name,
  'must not begin or end with white space',
)

const isWithin = (count: number, min: number, max: number): boolean => count >= min && count <= max

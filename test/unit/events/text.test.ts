import { describe, expect, it } from 'vitest'
import { boundedText, countScalars, nameSchema, trimWhiteSpace } from '../../../node/events/schema/text.ts'

describe('text', () => {
  it('is trimmed by Unicode White_Space, not as JavaScript does', () => {
    expect(trimWhiteSpace('\u0085\u3000 a b \t\u2029')).toBe('a b')
    expect(trimWhiteSpace('\ufeffa\u200b')).toBe('\ufeffa\u200b')
    expect(trimWhiteSpace(' \u00a0 ')).toBe('')
  })

  it('has exactly the white space Unicode names', () => {
    const points = Array.from({ length: 0x10000 }, (_, point) => String.fromCharCode(point))
    expect(points.filter((point) => trimWhiteSpace(point) === '')).toEqual(
      points.filter((point) => /\p{White_Space}/u.test(point)),
    )
  })

  it('is counted in scalar values', () => {
    expect(countScalars('a😀é')).toBe(3)
    expect(boundedText(1, 2).safeParse('😀😀').success).toBe(true)
    expect(boundedText(1, 2).safeParse('😀😀😀').success).toBe(false)
  })

  it('is a name when it has 1 to 64 scalar values and no white space at its ends', () => {
    expect(nameSchema.safeParse('😀'.repeat(64)).success).toBe(true)
    for (const name of ['', '😀'.repeat(65), ' a', 'a\u0085', ' '])
      expect(nameSchema.safeParse(name).success, name).toBe(false)
  })
})

import { describe, expect, it } from 'vitest'
import { CLOSE, lagged } from '../../../node/gateway/close-codes.ts'
import { readSource, tableOf } from '../../kit/markdown.ts'

describe('docs/gateway.md', () => {
  it('lists every close code with its reason', () => {
    const rows = tableOf(readSource('docs/gateway.md'), 'close-codes')
    const documented = rows.map(([code, reason = '']) => ({ code: Number(code), reason: reason.replace('N', '7') }))

    expect(documented).toEqual([...Object.values(CLOSE), lagged(7, 'messages')])
  })
})

import { describe, expect, it } from 'vitest'
import { ERROR_CODES } from '../../../node/base/errors.ts'
import { STATUS_OF } from '../../../node/http/errors.ts'
import { codesIn, readSource, tableOf } from '../../kit/markdown.ts'

const rows = tableOf(readSource('docs/errors.md'), 'errors')

describe('docs/errors.md', () => {
  it('lists every code with its status, in the order of the source', () => {
    const documented = rows.map(([code = '', status]) => [codesIn(code)[0], Number(status)])

    expect(documented).toEqual(ERROR_CODES.map((code) => [code, STATUS_OF[code]]))
  })

  it.each(rows)('says of %s what it means and what to do', (...[, , meaning = '', remedy = '']) => {
    expect(meaning).toMatch(/\.$/)
    expect(remedy).toMatch(/\.$/)
  })
})

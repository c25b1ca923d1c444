import { describe, expect, it } from 'vitest'
import type { GuildId } from '../../../../node/base/ids.ts'
import type { TextCheck } from '../../../../node/services/timeline/check-text.ts'
import { claimedIdOf, rememberChecks } from '../../../../node/services/timeline/remembered-checks.ts'

const HERE = 'here' as GuildId
const ELSEWHERE = 'elsewhere' as GuildId
const RIGHT: TextCheck = { kind: 'right' }
const WRONG: TextCheck = { kind: 'wrong', reason: 'signature_invalid' }

/** Finds texts with `bad` in them wrong, and notes what it was asked. */
function setUp(options: { held?: readonly string[]; failures?: number } = {}) {
  const asked: string[] = []
  let failures = options.failures ?? 0
  const { check } = rememberChecks({
    verifier: {
      async check(_guildId, texts) {
        asked.push(...texts)
        if (failures-- > 0) throw new Error('The thread died')
        return texts.map((text) => (text.includes('bad') ? WRONG : RIGHT))
      },
    },
    isHeld: (guildId, text) => guildId === HERE && options.held?.includes(text) === true,
  })
  return { asked, check }
}

describe('the checks of texts', () => {
  it('are done once for a text that several peers bring at the same time', async () => {
    const { asked, check } = setUp()

    const answers = await Promise.all([check(HERE, ['a', 'bad']), check(HERE, ['bad', 'b', 'a']), check(HERE, ['b'])])

    expect(answers).toEqual([[RIGHT, WRONG], [WRONG, RIGHT, RIGHT], [RIGHT]])
    expect(asked).toEqual(['a', 'bad', 'b'])
  })

  it('are not done again for a text in the log of the guild', async () => {
    const { asked, check } = setUp({ held: ['a'] })

    expect(await check(HERE, ['a', 'b'])).toEqual([RIGHT, RIGHT])
    expect(asked).toEqual(['b'])
  })

  it('are done anew for another guild', async () => {
    const { asked, check } = setUp({ held: ['a'] })
    await check(HERE, ['a', 'b'])

    await check(ELSEWHERE, ['a', 'b'])

    expect(asked).toEqual(['b', 'a', 'b'])
  })

  it('answer for each place of a text that comes twice in one batch', async () => {
    const { asked, check } = setUp()

    expect(await check(HERE, ['bad', 'a', 'bad'])).toEqual([WRONG, RIGHT, WRONG])
    expect(asked).toEqual(['bad', 'a'])
  })

  it('are done anew after a batch that failed', async () => {
    const { check } = setUp({ failures: 1 })

    await expect(check(HERE, ['bad'])).rejects.toThrow('The thread died')

    expect(await check(HERE, ['bad'])).toEqual([WRONG])
  })

  it('hold for texts too long to be remembered', async () => {
    const { asked, check } = setUp()
    const long = ['bad 1', 'bad 2', 'bad 3'].map((text) => text.padEnd(1_000_000))

    expect(await check(HERE, long)).toEqual([WRONG, WRONG, WRONG])
    expect(await check(HERE, long.slice(0, 1))).toEqual([WRONG])

    expect(asked).toHaveLength(4)
  })
})

describe('the id a text claims', () => {
  it('is read from the start of the wire form alone', () => {
    expect(claimedIdOf('{"schema_version":1,"event_id":"$abc","origin_server":"x"}')).toBe('$abc')
    expect(claimedIdOf('{"event_id":"$abc","schema_version":1}')).toBeUndefined()
    expect(claimedIdOf('{"schema_version":1,"event_id":"\\u0024abc"}')).toBeUndefined()
  })
})

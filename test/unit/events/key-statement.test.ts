import { describe, expect, it } from 'vitest'
import { toBase64Url } from '../../../node/base/bytes.ts'
import {
  createKeyStatement,
  createOwnStatement,
  currentKeyOf,
  type KeyStatement,
  MAX_STATEMENT_BYTES,
  parseKeyStatement,
} from '../../../node/events/key-statement.ts'
import { keyIdOf, publicKeyOfSeed } from '../../../node/events/keys.ts'
import { IDENTITY_SEED, ORIGIN, OTHER_ORIGIN, seedOf, SIGNER } from './sample.ts'

const entryOf = (publicKey: Uint8Array) => ({
  key_id: keyIdOf(publicKey),
  public_key: toBase64Url(publicKey),
  valid_from: 1_760_000_000_000,
})
const draft = { peer_id: ORIGIN, sequence: 1, keys: [entryOf(SIGNER.publicKey)] }
const statement = createKeyStatement(draft, IDENTITY_SEED)

/** Signed well, whatever it says. */
const signed = (changes: Partial<Omit<KeyStatement, 'signature'>>) =>
  createKeyStatement({ ...draft, ...changes }, IDENTITY_SEED)

describe('a key statement', () => {
  it('is valid after its way through JSON, in any order of its members', () => {
    const reordered = Object.fromEntries(Object.entries(statement).reverse())

    expect(parseKeyStatement(JSON.parse(JSON.stringify(reordered)))).toEqual({ kind: 'valid', statement })
  })

  it('keeps members that a later version adds, since they are signed too', () => {
    const noted = { ...draft, note: 'later' }
    const later = createKeyStatement(noted, IDENTITY_SEED)

    expect(parseKeyStatement(later)).toEqual({ kind: 'valid', statement: later })
    expect(parseKeyStatement({ ...later, note: 'other' })).toMatchObject({ fault: 'signature' })
    expect(parseKeyStatement({ ...statement, note: 'added' })).toMatchObject({ fault: 'signature' })
  })

  it('is refused when anything in it was changed', () => {
    const [entry] = statement.keys
    expect(parseKeyStatement({ ...statement, sequence: 2 })).toMatchObject({ fault: 'signature' })
    expect(parseKeyStatement({ ...statement, peer_id: OTHER_ORIGIN })).toMatchObject({ fault: 'signature' })
    expect(parseKeyStatement({ ...statement, keys: [{ ...entry, revoked_from: 5 }] })).toMatchObject({
      fault: 'signature',
    })
  })

  it('is refused when signed by another key than the identity', () => {
    expect(parseKeyStatement(createKeyStatement(draft, seedOf(9)))).toMatchObject({ fault: 'signature' })
  })

  it('can not give a key another id than its own, nor list one twice', () => {
    const entry = entryOf(SIGNER.publicKey)
    const renamed = signed({ keys: [{ ...entry, key_id: keyIdOf(seedOf(1)) }] })

    expect(parseKeyStatement(renamed)).toMatchObject({ fault: 'key_id_mismatch' })
    expect(parseKeyStatement(signed({ keys: [entry, entry] }))).toMatchObject({ fault: 'duplicate_key' })
  })

  it('can not list a key of small order or one that is no point', () => {
    const identity = Uint8Array.of(1, ...new Uint8Array(31))
    expect(parseKeyStatement(signed({ keys: [entryOf(identity)] }))).toMatchObject({ fault: 'unusable_key' })
    expect(parseKeyStatement(signed({ keys: [entryOf(seedOf(2))] }))).toMatchObject({ fault: 'unusable_key' })
  })

  it('has at most 8 KiB and 16 keys', () => {
    const entries = Array.from({ length: 17 }, (_, index) => entryOf(publicKeyOfSeed(seedOf(100 + index))))
    const withNote = (note: string) => createKeyStatement({ ...draft, note } as typeof draft, IDENTITY_SEED)
    const room = MAX_STATEMENT_BYTES - JSON.stringify(withNote('')).length

    expect(parseKeyStatement(withNote('x'.repeat(room)))).toMatchObject({ kind: 'valid' })
    expect(parseKeyStatement(withNote('x'.repeat(room + 1)))).toMatchObject({ fault: 'too_large' })
    expect(parseKeyStatement(withNote('ö'.repeat(room / 2 + 1)))).toMatchObject({ fault: 'too_large' })
    expect(parseKeyStatement(signed({ keys: entries.slice(1) }))).toMatchObject({ kind: 'valid' })
    expect(parseKeyStatement(signed({ keys: entries }))).toMatchObject({ fault: 'shape' })
  })

  it('needs a peer id that holds its key, and its shape', () => {
    expect(parseKeyStatement({ ...statement, peer_id: 'example.org' })).toMatchObject({ fault: 'peer_id' })
    for (const value of [undefined, null, 1, 'x', [], {}, { ...statement, keys: [] }, { ...statement, sequence: 0 }]) {
      expect(parseKeyStatement(value)).toMatchObject({ fault: 'shape' })
    }
    expect(parseKeyStatement({ ...statement, signature: `${statement.signature.slice(0, 85)}B` })).toMatchObject({
      fault: 'shape',
    })
  })
})

describe('the statement of a node about itself', () => {
  const keys = Array.from({ length: 20 }, (_, index) => ({
    publicKey: publicKeyOfSeed(seedOf(100 + index)),
    validFrom: 1_760_000_000_000 + index,
  }))
  const idsOf = ({ keys: entries }: KeyStatement) => entries.map((entry) => entry.key_id)

  it('is the same whenever the same keys make it', () => {
    expect(createOwnStatement(IDENTITY_SEED, keys)).toEqual(createOwnStatement(IDENTITY_SEED, keys))
  })

  it('lists the newest 16 keys, the one in use last, under the number of all', () => {
    const own = createOwnStatement(IDENTITY_SEED, keys)

    expect(parseKeyStatement(own)).toEqual({ kind: 'valid', statement: own })
    expect(idsOf(own)).toEqual(keys.slice(4).map(({ publicKey }) => keyIdOf(publicKey)))
    expect([own.sequence, currentKeyOf(own)]).toEqual([20, idsOf(own).at(-1)])
  })
})

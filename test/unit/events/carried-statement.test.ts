import { describe, expect, it } from 'vitest'
import { signEvent } from '../../../node/events/build.ts'
import { checkGuildEvent } from '../../../node/events/check-guild-event.ts'
import { createKeyStatement, createOwnStatement, type KeyStatement } from '../../../node/events/key-statement.ts'
import { createSigner, type Signer } from '../../../node/events/sign.ts'
import {
  createGuild,
  GUILD_ID,
  IDENTITY_SEED,
  messageBody,
  parsedOf,
  seedOf,
  signedMessage,
  SIGNER,
  STATEMENT,
} from './sample.ts'

const NEXT = createSigner(seedOf(5))
const statementOf = (identity: Uint8Array, ...signers: Signer[]): KeyStatement =>
  createOwnStatement(
    identity,
    signers.map(({ publicKey }) => ({ publicKey, validFrom: 1_760_000_000_000 })),
  )

function codeOf(text: string): string {
  const verdict = checkGuildEvent(parsedOf(text))
  return verdict.kind === 'rejected' ? verdict.code : verdict.kind
}

/** A first event whose log carries this. */
const firstWith = (log: object, signer = SIGNER): string =>
  codeOf(
    signEvent(
      messageBody({
        event_type: 'member.join',
        room_id: GUILD_ID,
        content: { log: { position: 1, ...log }, author: { id: messageBody().sender, username: 'alice' } },
      }),
      signer,
    ).text,
  )

/** A `node.keys` at this position with this statement. */
const keysWith = (statement: unknown, { position = 2, log = {}, signer = SIGNER } = {}): string =>
  codeOf(
    signEvent(
      messageBody({
        event_type: 'node.keys',
        room_id: GUILD_ID,
        content: { log: { position, ...log }, statement },
      }),
      signer,
    ).text,
  )

const { signature: _, ...draft } = STATEMENT
const foreign = statementOf(seedOf(3), SIGNER)

const WRONG: [string, KeyStatement][] = [
  ['of another node', foreign],
  ['of another node under our name', { ...foreign, peer_id: STATEMENT.peer_id }],
  ['signed by another identity', createKeyStatement(draft, seedOf(3))],
  ['with a changed member', { ...STATEMENT, sequence: STATEMENT.sequence + 1 }],
  ['that does not list the signing key', statementOf(IDENTITY_SEED, NEXT)],
  ['that lists the signing key before a newer one', statementOf(IDENTITY_SEED, SIGNER, NEXT)],
  ['of more than 8 KiB', createKeyStatement({ ...draft, note: 'x'.repeat(8_192) } as typeof draft, IDENTITY_SEED)],
]

describe('the first event of a log', () => {
  it('carries the statement of its node', () => {
    expect(codeOf(createGuild().text)).toBe('well-formed')
    expect(firstWith({ statement: STATEMENT })).toBe('well-formed')
    expect(firstWith({ statement: statementOf(IDENTITY_SEED, SIGNER, NEXT) }, NEXT)).toBe('well-formed')
  })

  it('is refused without one', () => {
    expect(firstWith({})).toBe('statement')
  })

  it.each(WRONG)('is refused with one %s', (_what, statement) => {
    expect(firstWith({ statement })).toBe('statement')
  })

  it('is refused with something else in its place', () => {
    expect(firstWith({ statement: null })).toBe('content')
    expect(firstWith({ statement: {} })).toBe('content')
  })

  it('is refused so whatever its type, also one from the future', () => {
    const content = (log: object) => ({ log: { position: 1, guild_id: GUILD_ID, ...log } })

    for (const log of [{}, { statement: null }, { statement: foreign }])
      expect(codeOf(signedMessage({ event_type: 'mls.commit', content: content(log) }).text)).toBe('statement')
  })

  it('can not be node.keys', () => {
    expect(keysWith(STATEMENT, { position: 1 })).toBe('statement')
    expect(keysWith(STATEMENT, { position: 1, log: { statement: STATEMENT } })).toBe('statement')
  })
})

describe('node.keys', () => {
  it('brings a statement that ends with the key that signs it', () => {
    expect(keysWith(STATEMENT)).toBe('well-formed')
    expect(keysWith(statementOf(IDENTITY_SEED, SIGNER, NEXT), { signer: NEXT })).toBe('well-formed')
  })

  it.each(WRONG)('is refused with one %s', (_what, statement) => {
    expect(keysWith(statement)).toBe('statement')
  })

  it('carries none in its log', () => {
    expect(keysWith(STATEMENT, { log: { statement: STATEMENT } })).toBe('statement')
  })
})

describe('any other event', () => {
  const log = { position: 2, guild_id: GUILD_ID }
  const content = messageBody().content as object
  const withContent = (changes: object) => codeOf(signedMessage({ content: { ...content, log, ...changes } }).text)

  it('carries no statement in its log', () => {
    expect(withContent({ log: { ...log, statement: STATEMENT } })).toBe('statement')
    expect(withContent({ log: { ...log, statement: null } })).toBe('statement')
  })

  it('may have a member of that name of its own', () => {
    expect(withContent({ statement: STATEMENT })).toBe('well-formed')
  })
})

import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../../node/base/log.ts'
import { blake3 } from '../../../node/events/id.ts'
import { publicKeyOfSeed } from '../../../node/events/keys.ts'
import { peerIdOfPublicKey } from '../../../node/events/peer-id.ts'
import { createSigner } from '../../../node/events/sign.ts'
import { createKeyStatements, waitingKey } from '../../../node/services/key-statements.ts'
import type { Database } from '../../../node/storage/database.ts'
import { heldClock } from '../../kit/clock.ts'
import { openTestDatabase } from '../../kit/database.ts'
import { testNode } from '../../kit/test-node.ts'

const bob = testNode('bob')

function open(db: Database, signingName = 'first key') {
  const identitySeed = blake3('identity of this node')
  const self = peerIdOfPublicKey(publicKeyOfSeed(identitySeed))
  const signer = createSigner(blake3(signingName))
  return createKeyStatements({ self, identitySeed, signer, db, clock: heldClock(), log: silentLogger })
}

describe('key statements', () => {
  it('a node makes its own once and keeps it', async () => {
    await using file = await openTestDatabase()
    const first = open(file.db).own()

    const again = open(file.reopen()).own()

    expect(first.sequence).toBe(1)
    expect(again).toEqual(first)
  })

  it('a new signing key makes a new statement that still lists the old one', async () => {
    await using file = await openTestDatabase()
    const old = open(file.db).own()

    const statements = open(file.reopen(), 'second key')

    expect(statements.own()).toMatchObject({ sequence: 2, keys: [old.keys[0], { key_id: expect.any(String) }] })
    expect(statements.resolve(old.peer_id, old.keys[0]?.key_id ?? '')).toBeDefined()
  })

  it('a statement that arrives makes its keys known, now and after a restart', async () => {
    await using file = await openTestDatabase()
    const statements = open(file.db)
    const told: string[] = []
    statements.onKeys((keys) => told.push(...keys))

    const freed = await statements.accept([bob.statement(1)])

    expect(freed).toEqual([waitingKey(bob.serverName, bob.signer.keyId)])
    expect(told).toEqual(freed)
    expect(open(file.reopen()).resolve(bob.serverName, bob.signer.keyId)).toEqual(bob.signer.publicKey)
  })

  it('the same again, or another with the same keys, frees nothing', async () => {
    await using file = await openTestDatabase()
    const statements = open(file.db)
    await statements.accept([bob.statement(1)])

    expect(await statements.accept([bob.statement(1)])).toEqual([])
    expect(await statements.accept([bob.statement(2)])).toEqual([])
    expect(statements.statementsOf(bob.serverName).map((statement) => statement.sequence)).toEqual([1, 2])
  })

  it.each([
    { what: 'nonsense', value: { peer_id: 1 } },
    { what: 'nothing', value: null },
    { what: 'a changed key', value: { ...bob.statement(1), sequence: 9 } },
  ])('$what is passed over, and what comes with it is taken', async ({ value }) => {
    await using file = await openTestDatabase()
    const statements = open(file.db)

    await statements.accept([value, bob.statement(1)])

    expect(statements.statementsOf(bob.serverName)).toHaveLength(1)
  })

  it('a flood of statements of one peer ends somewhere', async () => {
    await using file = await openTestDatabase()
    const statements = open(file.db)

    await statements.accept(Array.from({ length: 200 }, (_, index) => bob.statement(index + 1)))

    expect(statements.statementsOf(bob.serverName)).toHaveLength(128)
  })
})

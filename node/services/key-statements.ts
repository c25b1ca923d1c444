import { toBase64Url } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import type { ServerName } from '../base/ids.ts'
import type { Logger } from '../base/log.ts'
import { createKeyStatement, type KeyStatement, parseKeyStatement, resolveKey } from '../events/key-statement.ts'
import type { Signer } from '../events/sign.ts'
import type { Database } from '../storage/database.ts'
import { insertKeyStatement, listKeyStatements } from '../storage/key-statements.ts'

/** Which keys each node signs with: every statement ever seen (protocol, "Key statements"). */
export interface KeyStatements {
  /** This node's newest statement. */
  own(): KeyStatement
  /** All statements of a node, oldest first. */
  statementsOf(peerId: ServerName): readonly KeyStatement[]
  /** 32 bytes, or undefined when an event signed with it must wait. */
  resolve(peerId: ServerName, keyId: string): Uint8Array | undefined
  /**
   * Takes statements from anywhere; a wrong one is passed over. Settles when the new ones are stored. Gives what now can be
   * resolved, as the waiting table spells it: `key:<peer id>/<key id>`.
   */
  accept(statements: readonly unknown[]): Promise<string[]>
  /** Told after the statement is stored, with the same spelling. */
  onKeys(listener: (keys: readonly string[]) => void): void
}

export interface KeyStatementsDeps {
  self: ServerName
  /** Seed of the identity key. */
  identitySeed: Uint8Array
  signer: Pick<Signer, 'keyId' | 'publicKey'>
  db: Pick<Database, 'read' | 'write' | 'writeNow'>
  clock: Clock
  log: Logger
}

/** A node that rotates its key every day fills this in four months; until then a flood of statements ends here. */
const MAX_STATEMENTS_PER_PEER = 128

export const waitingKey = (peerId: ServerName, keyId: string): string => `key:${peerId}/${keyId}`

export function createKeyStatements(deps: KeyStatementsDeps): KeyStatements {
  const { self, db, log } = deps
  const byPeer = loadStatements(deps)
  const listeners: ((keys: readonly string[]) => void)[] = []

  const statementsOf = (peerId: ServerName): readonly KeyStatement[] => byPeer.get(peerId) ?? []

  const own = ensureOwn(deps, statementsOf(self))
  byPeer.set(self, withStatement(statementsOf(self), own))

  const isHeld = (value: unknown): boolean =>
    isShaped(value) && statementsOf(value.peer_id).some((held) => held.signature === value.signature)

  function check(value: unknown): KeyStatement | undefined {
    const outcome = parseKeyStatement(value)
    if (outcome.kind === 'valid') return outcome.statement
    log.warn({ fault: outcome.fault }, 'A key statement was refused')
    return undefined
  }

  /** Keys of a statement that could not be resolved before it. */
  function newKeys(statement: KeyStatement): string[] {
    const held = statementsOf(statement.peer_id)
    return statement.keys
      .filter((entry) => resolveKey(held, statement.peer_id, entry.key_id) === undefined)
      .map((entry) => waitingKey(statement.peer_id, entry.key_id))
  }

  async function accept(values: readonly unknown[]): Promise<string[]> {
    const fresh: KeyStatement[] = []
    const keys: string[] = []
    for (const value of values) {
      const statement = isHeld(value) ? undefined : check(value) // Most are held: look before the signature is checked.
      if (statement === undefined || statementsOf(statement.peer_id).length >= MAX_STATEMENTS_PER_PEER) continue
      keys.push(...newKeys(statement))
      byPeer.set(statement.peer_id, withStatement(statementsOf(statement.peer_id), statement))
      fresh.push(statement)
    }
    if (fresh.length === 0) return []
    await db.write((tx) => fresh.forEach((statement) => insertKeyStatement(tx, toRow(statement))))
    for (const listener of listeners) listener(keys)
    return keys
  }

  return {
    own: () => own,
    statementsOf,
    resolve: (peerId, keyId) => resolveKey(statementsOf(peerId), peerId, keyId),
    accept,
    onKeys: (listener) => void listeners.push(listener),
  }
}

function loadStatements({ db }: KeyStatementsDeps): Map<ServerName, readonly KeyStatement[]> {
  const byPeer = new Map<ServerName, readonly KeyStatement[]>()
  for (const { peerId, body } of db.read(listKeyStatements)) {
    // Checked before it was stored.
    const statement = JSON.parse(body) as KeyStatement
    byPeer.set(peerId, [...(byPeer.get(peerId) ?? []), statement])
  }
  return byPeer
}

/** The statement that names the key in use; made when there is none yet or the key is new. */
function ensureOwn(deps: KeyStatementsDeps, held: readonly KeyStatement[]): KeyStatement {
  const latest = held.at(-1)
  if (latest?.keys.some((entry) => entry.key_id === deps.signer.keyId)) return latest
  const now = deps.clock.now()
  const statement = createKeyStatement(
    {
      peer_id: deps.self,
      sequence: (latest?.sequence ?? 0) + 1,
      keys: [
        ...(latest?.keys ?? []),
        { key_id: deps.signer.keyId, public_key: toBase64Url(deps.signer.publicKey), valid_from: now },
      ],
    },
    deps.identitySeed,
  )
  deps.db.writeNow((tx) => insertKeyStatement(tx, toRow(statement)))
  return statement
}

const toRow = (statement: KeyStatement) => ({
  peerId: statement.peer_id,
  sequence: statement.sequence,
  body: JSON.stringify(statement),
})

const withStatement = (held: readonly KeyStatement[], added: KeyStatement): readonly KeyStatement[] =>
  [...held.filter((known) => known.signature !== added.signature), added].sort(
    (left, right) => left.sequence - right.sequence,
  )

const isShaped = (value: unknown): value is Pick<KeyStatement, 'peer_id' | 'signature'> =>
  typeof value === 'object' && value !== null && 'peer_id' in value && 'signature' in value

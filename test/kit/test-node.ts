import type { ServerName, UserId } from '../../node/base/ids.ts'
import { toBase64Url } from '../../node/base/bytes.ts'
import { blake3, uuidOfHash } from '../../node/events/id.ts'
import { createKeyStatement, createOwnStatement } from '../../node/events/key-statement.ts'
import { publicKeyOfSeed } from '../../node/events/keys.ts'
import { peerIdOfPublicKey } from '../../node/events/peer-id.ts'
import type { KeyStatement, MemberRef } from '../../node/events/schema/content.ts'
import { createSigner, type Signer } from '../../node/events/sign.ts'
import { type MemberKey, memberKey } from '../../node/events/state/guild-state.ts'

/** A node that is nothing but its keys. The same name always gives the same ones. */
export interface TestNode {
  readonly name: string
  readonly serverName: ServerName
  readonly signer: Signer
  /** What its logs begin with. */
  readonly ownStatement: KeyStatement
  /** A statement of its signing key under this sequence. */
  statement(sequence: number): KeyStatement
}

/** A user at home on a node. */
export interface Person {
  readonly username: string
  readonly userId: UserId
  readonly node: TestNode
  readonly key: MemberKey
  readonly ref: MemberRef
}

/** Where the clocks of tests begin. */
export const TEST_EPOCH_MS = 1_750_000_000_000

const nodes = new Map<string, TestNode>()

export function testNode(name: string): TestNode {
  const node = nodes.get(name) ?? createTestNode(name)
  nodes.set(name, node)
  return node
}

/** The node after it changed its signing key this many times. Its statement lists the earlier ones too. */
export const rotated = ({ name }: TestNode, times = 1): TestNode => createTestNode(name, times)

/** Without another name the person has a node of their own. */
export function person(username: string, nodeName: string = username): Person {
  const node = testNode(nodeName)
  const userId = uuidOfHash(blake3(`user ${username}`)) as string as UserId
  return {
    username,
    userId,
    node,
    key: memberKey(userId, node.serverName),
    ref: { user_id: userId, server_name: node.serverName },
  }
}

function createTestNode(name: string, rotations = 0): TestNode {
  const identitySeed = blake3(`identity ${name}`)
  const signers = Array.from({ length: rotations + 1 }, (_, turn) => createSigner(blake3(signingName(name, turn))))
  const signer = signers.at(-1)
  if (signer === undefined) throw new Error('a node has a signing key')
  const serverName = peerIdOfPublicKey(publicKeyOfSeed(identitySeed))
  const keys = [{ key_id: signer.keyId, public_key: toBase64Url(signer.publicKey), valid_from: TEST_EPOCH_MS }]
  return {
    name,
    serverName,
    signer,
    ownStatement: createOwnStatement(
      identitySeed,
      signers.map(({ publicKey }) => ({ publicKey, validFrom: TEST_EPOCH_MS })),
    ),
    statement: (sequence) => createKeyStatement({ peer_id: serverName, sequence, keys }, identitySeed),
  }
}

const signingName = (name: string, turn: number): string => (turn === 0 ? `signing ${name}` : `signing ${name} ${turn}`)

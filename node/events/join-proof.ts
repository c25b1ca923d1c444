import { fromBase64Url, toBase64Url, tryDecode } from '../base/bytes.ts'
import type { GuildId, ServerName, UserId } from '../base/ids.ts'
import { blake3 } from './id.ts'
import { publicKeyOfSeed, signWithSeed } from './keys.ts'
import { verifySignature } from './verify.ts'

/** Whom an invite's holder lets in, and where. Binding all three makes a seen proof useless to anybody else. */
export interface Joiner {
  readonly guildId: GuildId
  readonly userId: UserId
  readonly serverName: ServerName
}

/** `public_key` of `invite.create` for an invite's 32-byte secret, base64url. */
export const invitePublicKey = (secret: Uint8Array): string => toBase64Url(publicKeyOfSeed(secret))

/** `proof` of `member.join`: the invite's secret signs for one user of one node, base64url. */
export const createJoinProof = (secret: Uint8Array, joiner: Joiner): string =>
  toBase64Url(signWithSeed(secret, hashOfJoiner(joiner)))

/** Whether `proof` was made for this joiner with the secret behind `publicKey` (both base64url, as in content). */
export function isJoinProof(proof: string, publicKey: string, joiner: Joiner): boolean {
  const key = tryDecode(fromBase64Url, publicKey)
  const signature = tryDecode(fromBase64Url, proof)
  return key !== undefined && signature !== undefined && verifySignature(key, hashOfJoiner(joiner), signature)
}

/** The free text stands last, so no two joiners give the same lines. */
const hashOfJoiner = ({ guildId, userId, serverName }: Joiner): Uint8Array =>
  blake3(`openguild join v1\n${guildId}\n${userId}\n${serverName}`)

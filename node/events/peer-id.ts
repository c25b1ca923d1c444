import { fromBase58, toBase58, tryDecode } from '../base/bytes.ts'
import type { ServerName } from '../base/ids.ts'

/**
 * A peer id is the identity multihash (0x00, length 36) of the libp2p key message: type 1 = Ed25519 (08 01), then 32 bytes
 * of key (12 20 …). So the public key can be read back out of the name.
 */
const PREFIX = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20)
const PEER_ID_BYTES = PREFIX.length + 32
/** Length of the base58 text; checked first because decoding takes quadratic time. */
const PEER_ID_CHARACTERS = 52

/** The node's `server_name` from its identity key. */
export const peerIdOfPublicKey = (publicKey: Uint8Array): ServerName =>
  toBase58(Uint8Array.from([...PREFIX, ...publicKey])) as ServerName

/** The identity key inside a peer id (`12D3Koo…`), or undefined for any other name. */
export function publicKeyOfPeerId(peerId: string): Uint8Array | undefined {
  if (peerId.length !== PEER_ID_CHARACTERS) return undefined
  const bytes = tryDecode(fromBase58, peerId)
  if (bytes?.length !== PEER_ID_BYTES || !PREFIX.every((byte, index) => bytes[index] === byte)) return undefined
  return bytes.subarray(PREFIX.length)
}

export const isPeerId = (name: string): name is ServerName => publicKeyOfPeerId(name) !== undefined

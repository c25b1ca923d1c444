import { fromBase64, toBase64, tryDecode } from '../base/bytes.ts'
import type { Signatures } from './schema/event.ts'

const SIGNATURE_BYTES = 64
const ALGORITHM = 'ed25519:'

export const signatureName = (keyId: string): string => `${ALGORITHM}${keyId}`

/** The key id in `ed25519:<key id>`; undefined for another algorithm. */
export const keyIdOfName = (name: string): string | undefined =>
  name.startsWith(ALGORITHM) ? name.slice(ALGORITHM.length) : undefined

/** `signatures` of an event that its origin alone has signed. */
export const signaturesBy = (server: string, keyId: string, signature: Uint8Array): Signatures =>
  Object.fromEntries([[server, { [signatureName(keyId)]: toBase64(signature) }]])

/** The text filed under a server and key id. Names come from strangers, so nothing inherited may be found. */
export function findSignature(signatures: Signatures, server: string, keyId: string): string | undefined {
  const byKey = Object.hasOwn(signatures, server) ? signatures[server] : undefined
  const name = signatureName(keyId)
  return byKey && Object.hasOwn(byKey, name) ? byKey[name] : undefined
}

/** 64 bytes from standard base64 with padding; undefined for any other spelling or length (contract 5.5). */
export function decodeSignature(text: string): Uint8Array | undefined {
  const bytes = tryDecode(fromBase64, text)
  return bytes?.length === SIGNATURE_BYTES ? bytes : undefined
}

/** Key id of the one signature of a guild event that was checked. */
export function signingKeyOf(event: { readonly origin_server: string; readonly signatures: Signatures }): string {
  const [name = ''] = Object.keys(event.signatures[event.origin_server] ?? {})
  return keyIdOfName(name) ?? ''
}

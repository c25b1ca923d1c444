import { base58, base64, base64urlnopad } from '@scure/base'

export const toBase58 = (bytes: Uint8Array): string => base58.encode(bytes)
export const fromBase58 = (text: string): Uint8Array => base58.decode(text)
/** Standard alphabet with padding; refuses every other spelling of the same bytes. Throws on bad input. */
export const toBase64 = (bytes: Uint8Array): string => base64.encode(bytes)
export const fromBase64 = (text: string): Uint8Array => base64.decode(text)
/** URL-safe alphabet without padding; refuses padding and stray bits. Throws on bad input. */
export const toBase64Url = (bytes: Uint8Array): string => base64urlnopad.encode(bytes)
export const fromBase64Url = (text: string): Uint8Array => base64urlnopad.decode(text)

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The decoded bytes, or undefined where `decode` throws: for text that came from strangers. */
export function tryDecode(decode: (text: string) => Uint8Array, text: string): Uint8Array | undefined {
  try {
    return decode(text)
  } catch {
    return undefined
  }
}

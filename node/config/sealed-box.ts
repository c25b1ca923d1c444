import { randomBytes } from 'node:crypto'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { hashRaw } from '@node-rs/argon2'
import { z } from 'zod'
import { fromBase64Url, toBase64Url, utf8 } from '../base/bytes.ts'

/** About 60 ms on a desktop: paid once at start, and by everyone who guesses, for every guess. */
const COST = { memory_kib: 65_536, passes: 3 } as const

const bytes = (length: number) => z.base64url().refine((text) => decodedLength(text) === length)

/** The costs are limited so that a forged file cannot make the node take all memory. */
export const sealedBoxSchema = z.strictObject({
  kdf: z.literal('argon2id'),
  memory_kib: z.int().min(8192).max(1_048_576),
  passes: z.int().min(1).max(20),
  salt: bytes(16),
  cipher: z.literal('xchacha20-poly1305'),
  nonce: bytes(24),
  box: z.base64url(),
})

/** Text sealed with a passphrase: Argon2id makes the key, XChaCha20-Poly1305 seals. All binary is base64url. */
export type SealedBox = z.infer<typeof sealedBoxSchema>

export async function seal(content: string, passphrase: string): Promise<SealedBox> {
  const head = {
    kdf: 'argon2id',
    ...COST,
    salt: toBase64Url(randomBytes(16)),
    cipher: 'xchacha20-poly1305',
    nonce: toBase64Url(randomBytes(24)),
  } as const
  const cipher = await cipherOf(head, passphrase)
  return { ...head, box: toBase64Url(cipher.encrypt(utf8(content))) }
}

/** Undefined when the passphrase is not the one, or the box was changed: the two cannot be told apart. */
export async function unseal(sealed: SealedBox, passphrase: string): Promise<string | undefined> {
  const { box, ...head } = sealed
  const cipher = await cipherOf(head, passphrase)
  try {
    return new TextDecoder().decode(cipher.decrypt(fromBase64Url(box)))
  } catch {
    return undefined
  }
}

async function cipherOf(head: Omit<SealedBox, 'box'>, passphrase: string) {
  const key = await hashRaw(passphrase.normalize('NFKC'), {
    memoryCost: head.memory_kib,
    timeCost: head.passes,
    parallelism: 1,
    outputLen: 32,
    salt: fromBase64Url(head.salt),
  })
  return xchacha20poly1305(key, fromBase64Url(head.nonce))
}

function decodedLength(text: string): number {
  try {
    return fromBase64Url(text).length
  } catch {
    return -1
  }
}

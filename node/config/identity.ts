import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { fromBase64Url, toBase64Url } from '../base/bytes.ts'
import { key32 } from './fields.ts'
import { readPrivateFile, writePrivateFile } from './private-file.ts'
import { seal, sealedBoxSchema, unseal } from './sealed-box.ts'

export interface SigningKeySeed {
  /** 32 bytes. */
  seed: Uint8Array
  /** Milliseconds since the Unix epoch. */
  createdAt: number
}

/** Who a node is. The seed of the identity key is what the recovery phrase encodes; it makes the peer id. */
export interface Identity {
  /** 32 bytes. */
  seed: Uint8Array
  /** Keys events are signed with, oldest first; the last one is in use. */
  signingKeys: readonly SigningKeySeed[]
}

export interface OpenedIdentity extends Identity {
  isSealed: boolean
}

export type IdentityFault = 'missing' | 'passphrase_needed' | 'passphrase_wrong' | 'damaged'

/** Stops the start. The node never makes a new identity where one was: that would be another node. */
export class IdentityError extends Error {
  readonly fault: IdentityFault

  constructor(fault: IdentityFault, message: string) {
    super(message)
    this.name = 'IdentityError'
    this.fault = fault
  }
}

const seed = key32('a key seed')
const contentSchema = z.strictObject({
  seed,
  signing_keys: z.array(z.strictObject({ seed, created_at: z.int() })).min(1),
})
const fileSchema = z.discriminatedUnion('kind', [
  z.strictObject({ version: z.literal(1), kind: z.literal('open'), identity: contentSchema }),
  z.strictObject({ version: z.literal(1), kind: z.literal('sealed'), identity: sealedBoxSchema }),
])

/** A new node with one signing key; with a `seed`, the node that seed belongs to, with a new signing key. */
export function createIdentity(now: number, identitySeed: Uint8Array = newSeed()): Identity {
  return { seed: identitySeed, signingKeys: [createSigningKey(now)] }
}

/** The next key of `signingKeys`. */
export const createSigningKey = (now: number): SigningKeySeed => ({ seed: newSeed(), createdAt: now })

/** A plain array of bytes: a Buffer would compare and print differently from the same bytes read back. */
const newSeed = (): Uint8Array => Uint8Array.from(randomBytes(32))

/**
 * Reads the file, and seals it when a passphrase is given and it was open before. Without a file the one from `create` is
 * kept; no `create` means there has to be a file. Throws `IdentityError`.
 */
export async function openIdentity(options: {
  path: string
  passphrase: string | undefined
  create: (() => Identity) | undefined
}): Promise<OpenedIdentity> {
  const { path, passphrase, create } = options
  const text = readPrivateFile(path)
  if (text === undefined) {
    if (!create) throw new IdentityError('missing', missingMessage(path))
    return saveIdentity(path, create(), passphrase)
  }
  const stored = parseAs(path, fileSchema, text)
  if (stored.kind === 'sealed') return { ...(await unsealIdentity(path, stored.identity, passphrase)), isSealed: true }
  const identity = toIdentity(stored.identity)
  return passphrase === undefined ? { ...identity, isSealed: false } : saveIdentity(path, identity, passphrase)
}

/** Writes the file as a whole: for a rotated signing key, a restored seed, a new or no passphrase. */
export async function saveIdentity(
  path: string,
  identity: Identity,
  passphrase: string | undefined,
): Promise<OpenedIdentity> {
  const content: z.infer<typeof contentSchema> = {
    seed: toBase64Url(identity.seed),
    signing_keys: identity.signingKeys.map((key) => ({ seed: toBase64Url(key.seed), created_at: key.createdAt })),
  }
  const stored: z.infer<typeof fileSchema> =
    passphrase === undefined
      ? { version: 1, kind: 'open', identity: content }
      : { version: 1, kind: 'sealed', identity: await seal(JSON.stringify(content), passphrase) }
  writePrivateFile(path, `${JSON.stringify(stored, null, 2)}\n`)
  return { ...identity, isSealed: passphrase !== undefined }
}

async function unsealIdentity(
  path: string,
  sealed: z.infer<typeof sealedBoxSchema>,
  passphrase: string | undefined,
): Promise<Identity> {
  if (passphrase === undefined) {
    const remedy = 'Give its passphrase in OPENGUILD_PASSPHRASE or in the file named by identity.passphrase_file.'
    throw new IdentityError('passphrase_needed', `The identity of this node (${path}) is sealed. ${remedy}`)
  }
  const text = await unseal(sealed, passphrase)
  if (text === undefined) {
    const remedy = 'Nothing was changed. Try again, or restore the file from a backup whose passphrase you know.'
    throw new IdentityError(
      'passphrase_wrong',
      `The passphrase does not open the identity of this node (${path}). ${remedy}`,
    )
  }
  return toIdentity(parseAs(path, contentSchema, text))
}

/** The reason tells places, never values: they are keys. */
function parseAs<Schema extends z.ZodType>(path: string, schema: Schema, text: string): z.infer<Schema> {
  const damaged = (reason: string) => {
    const remedy = 'Restore the file from a backup. No new one is made.'
    return new IdentityError('damaged', `The identity of this node (${path}) is damaged: ${reason}. ${remedy}`)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw damaged('not JSON')
  }
  const result = schema.safeParse(value)
  if (!result.success)
    throw damaged(result.error.issues.map((issue) => `bad ${issue.path.join('.') || 'content'}`).join(', '))
  return result.data
}

function missingMessage(path: string): string {
  return (
    `The identity of this node (${path}) is missing, but its database is there. Restore the file from a backup. No new one ` +
    'is made: it would be another node.'
  )
}

const toIdentity = (content: z.infer<typeof contentSchema>): Identity => ({
  seed: fromBase64Url(content.seed),
  signingKeys: content.signing_keys.map((key) => ({ seed: fromBase64Url(key.seed), createdAt: key.created_at })),
})

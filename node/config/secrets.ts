import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { fromBase64Url, toBase64Url } from '../base/bytes.ts'
import { DataDirError } from './data-dir.ts'
import { key32 } from './fields.ts'
import { createIdentity, openIdentity, type OpenedIdentity } from './identity.ts'
import { readPrivateFile, writePrivateFile } from './private-file.ts'
import type { ConfiguredSecrets } from './schema.ts'

/** Never logged, never part of `Config`. */
export interface NodeSecrets {
  identity: OpenedIdentity
  adminToken: string
  /** 32-byte seed of the key that signs access tokens. */
  sessionSigningSeed: Uint8Array
}

export interface SecretsOptions {
  /** Locked by the caller, so that two starts cannot both make keys. */
  dataDir: string
  configured: ConfiguredSecrets
  /** False once there is a database: a lost identity must be restored, not replaced. */
  mayCreateIdentity: boolean
  /** Milliseconds since the Unix epoch. */
  now: number
}

export const identityPath = (dataDir: string): string => join(dataDir, 'identity.json')
export const adminTokenPath = (dataDir: string): string => join(dataDir, 'admin-token')
export const sessionKeyPath = (dataDir: string): string => join(dataDir, 'session-key')

/** Opens what is kept in the data directory and makes what is missing. Throws `IdentityError`, `DataDirError`. */
export async function openSecrets({
  dataDir,
  configured,
  mayCreateIdentity,
  now,
}: SecretsOptions): Promise<NodeSecrets> {
  const identity = await openIdentity({
    path: identityPath(dataDir),
    passphrase: configured.passphrase,
    create: mayCreateIdentity ? () => createIdentity(now) : undefined,
  })
  return {
    identity,
    adminToken:
      configured.adminToken ?? keptKey(adminTokenPath(dataDir), 'Whoever uses the old token needs the new one.'),
    sessionSigningSeed: fromBase64Url(
      configured.sessionSigningKey ?? keptKey(sessionKeyPath(dataDir), 'Everybody then has to log in again.'),
    ),
  }
}

/** 32 random bytes in base64url, made once and kept. */
function keptKey(path: string, consequence: string): string {
  const kept = readPrivateFile(path)
  if (kept === undefined) {
    const made = toBase64Url(randomBytes(32))
    writePrivateFile(path, `${made}\n`)
    return made
  }
  const parsed = key32('a key').safeParse(kept)
  if (parsed.success) return parsed.data
  const remedy = `Delete it and a new one is made at the next start. ${consequence}`
  throw new DataDirError('unusable', `${path} is damaged. ${remedy}`)
}

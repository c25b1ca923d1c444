import { existsSync } from 'node:fs'
import type { Logger } from '../base/log.ts'
import { DataDirError, lockNode } from '../config/data-dir.ts'
import { databasePath } from '../config/resolve.ts'
import type { Config, ConfiguredSecrets } from '../config/schema.ts'
import { identityPath, type NodeSecrets, openSecrets } from '../config/secrets.ts'
import { publicKeyOfSeed } from '../events/keys.ts'
import { peerIdOfPublicKey } from '../events/peer-id.ts'
import type { NodeDatabase } from '../storage/node-database.ts'
import { openNodeDatabase } from '../storage/open.ts'
import type { Platform } from './platform.ts'

export interface OpenedStorage {
  secrets: NodeSecrets
  database: NodeDatabase
  /** Closes the database and gives the directory back. Safe to call twice. */
  close(): void
}

/** Takes the data directory for this process, then opens what lives in it. Gives everything back when a step fails. */
export async function openStorage(
  { config, secrets: configured }: { config: Config; secrets: ConfiguredSecrets },
  { platform, log }: { platform: Platform; log: Logger },
): Promise<OpenedStorage> {
  const path = databasePath(config)
  const lock = lockNode({ dataDir: config.data_dir, database: path })
  try {
    const mayCreateIdentity = !existsSync(path)
    if (mayCreateIdentity) refuseLoneIdentity(identityPath(config.data_dir), path)
    const now = platform.clock.now()
    const secrets = await openSecrets({ dataDir: config.data_dir, configured, mayCreateIdentity, now })
    const database = openNodeDatabase(path, {
      synchronous: config.storage.synchronous,
      maxBatch: config.storage.group_commit_max_batch,
      owner: peerIdOfPublicKey(publicKeyOfSeed(secrets.identity.seed)),
      log,
    })
    return {
      secrets,
      database,
      close() {
        database.close()
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

/**
 * A node whose log is gone would begin it anew: two histories under one name, which all other nodes would see as a fraud. So
 * an identity without its database is a mistake to mend, never a start.
 */
function refuseLoneIdentity(identity: string, database: string): void {
  if (!existsSync(identity)) return
  const message =
    `The identity of this node (${identity}) is here, but its database (${database}) is missing. Restore it from a backup; ` +
    'or, to begin as a new node, move the identity away'
  throw new DataDirError('unusable', message)
}

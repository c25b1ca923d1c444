import { once } from 'node:events'
import { createServer } from 'node:net'
import { p2pListenAddresses } from '../config/resolve.ts'
import type { Config } from '../config/schema.ts'
import type { Database } from '../storage/database.ts'
import { findMeta, upsertMeta } from '../storage/meta.ts'

/**
 * The TCP port of a node that was not given one. Invite links and other nodes' address books name it, so the first free port
 * found is kept for later starts; only when another program has taken it a new one is chosen.
 */
export interface KeptPort {
  /** Multiaddrs to listen on. */
  listen(): Promise<readonly string[]>
  /** Remembers the port of the first address that has one. */
  keep(addresses: readonly string[]): void
}

const META_KEY = 'p2p_port'

export function createKeptPort(config: Pick<Config, 'p2p'>, db: Pick<Database, 'read' | 'writeNow'>): KeptPort {
  const isGiven = config.p2p.port !== 0 || config.p2p.listen.length > 0
  const kept = isGiven ? undefined : db.read((tx) => findMeta(tx, META_KEY))

  return {
    async listen() {
      const port = kept === undefined ? config.p2p.port : Number(kept)
      const isUsable = isGiven || (await isFree(port))
      return p2pListenAddresses({ p2p: { ...config.p2p, port: isUsable ? port : 0 } })
    },
    keep(addresses) {
      const port = addresses.map((address) => /\/tcp\/(\d+)/.exec(address)?.[1]).find((found) => found !== undefined)
      if (isGiven || port === undefined || port === kept) return
      db.writeNow((tx) => upsertMeta(tx, META_KEY, port))
    },
  }
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer()
  try {
    probe.listen(port)
    await once(probe, 'listening')
    return true
  } catch {
    return false
  } finally {
    probe.close()
  }
}

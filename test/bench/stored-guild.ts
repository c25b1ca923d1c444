import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { silentLogger } from '../../node/base/log.ts'
import type { UserId } from '../../node/base/ids.ts'
import { openSecrets } from '../../node/config/secrets.ts'
import { createOwnStatement } from '../../node/events/key-statement.ts'
import { publicKeyOfSeed } from '../../node/events/keys.ts'
import { peerIdOfPublicKey } from '../../node/events/peer-id.ts'
import { createSigner } from '../../node/events/sign.ts'
import { createTimeline } from '../../node/services/timeline/index.ts'
import type { Timeline } from '../../node/services/timeline/types.ts'
import { createVerifier } from '../../node/services/timeline/verifier.ts'
import { MIGRATIONS_DIRECTORY, readMigrations } from '../../node/storage/migrations.ts'
import { openNodeDatabase } from '../../node/storage/open.ts'
import { register } from './account.ts'
import { sizeOfDatabase, startBenchNode } from './bench-node.ts'
import { textOf } from './load/posting.ts'
import type { RunContext } from './row.ts'

const storedSchema = z.object({
  guildId: z.string(),
  channelId: z.string(),
  username: z.string(),
  messages: z.int(),
  /** Size of the database before there was a message. */
  emptyBytes: z.int(),
})

/** A data directory whose node holds one guild of one user with many messages in one channel. */
export interface StoredGuild extends z.output<typeof storedSchema> {
  dataDir: string
}

const USERNAME = 'chronicler'
const PARALLEL_SENDS = 64

/** Made by the code of the node itself at its first use, then kept for as long as the schema stays the same. */
export async function openStoredGuild(context: RunContext, messages: number): Promise<StoredGuild> {
  const checksum = createHash('sha256')
  for (const migration of readMigrations(MIGRATIONS_DIRECTORY)) checksum.update(migration.checksum)
  const dataDir = join(context.cacheDir, `${messages}-${checksum.digest('hex').slice(0, 12)}`)
  if (!existsSync(dataDir)) await build(context, dataDir, messages)
  return { dataDir, ...storedSchema.parse(JSON.parse(readFileSync(join(dataDir, 'guild.json'), 'utf8'))) }
}

/** For rows that write. */
export function copyOf(stored: StoredGuild, directory: string): StoredGuild {
  cpSync(stored.dataDir, directory, { recursive: true })
  return { ...stored, dataDir: directory }
}

async function build(context: RunContext, dataDir: string, messages: number): Promise<void> {
  context.say(`making a database of ${messages} messages; it is kept for the next time`)
  const building = join(context.workDir, 'building')
  const userId = await registerUser(building)
  const stored = await fill(building, userId, messages)
  writeFileSync(join(building, 'guild.json'), JSON.stringify(stored))
  mkdirSync(context.cacheDir, { recursive: true })
  for (const name of readdirSync(context.cacheDir)) {
    // Of an earlier schema, or half copied.
    if (name.startsWith(`${messages}-`)) rmSync(join(context.cacheDir, name), { recursive: true, force: true })
  }
  rmSync(join(building, 'logs'), { recursive: true, force: true })
  move(building, dataDir)
}

/** The work directory may be on another file system. A half-made copy never has the final name. */
function move(from: string, to: string): void {
  if (statSync(from).dev === statSync(join(to, '..')).dev) return renameSync(from, to)
  const half = `${to}.half`
  cpSync(from, half, { recursive: true })
  renameSync(half, to)
}

async function registerUser(dataDir: string): Promise<UserId> {
  await using node = await startBenchNode(dataDir)
  const userId = await register(node.address(), USERNAME)
  await node.stop()
  return userId
}

async function fill(dataDir: string, sender: UserId, messages: number): Promise<z.output<typeof storedSchema>> {
  const emptyBytes = sizeOfDatabase(dataDir)
  // The clock of a guild goes on by a millisecond an event at least: begun now it would end far in the future.
  const lagMs = messages + 60_000
  const { timeline, close } = await openTimeline(dataDir, () => Date.now() - lagMs)
  try {
    const { guildId } = await timeline.createGuild({ sender, username: USERNAME, name: 'Chronicle' })
    await timeline.send({ guildId, eventType: 'channel.create', roomId: guildId, sender, content: { name: 'annals' } })
    const channelId = timeline.stateOf(guildId)?.channels.keys().next().value
    if (channelId === undefined) throw new Error('The channel was not made')
    const author = { id: sender, username: USERNAME }
    await inParallel(messages, (index) =>
      timeline.send({
        guildId,
        eventType: 'message',
        roomId: channelId,
        sender,
        content: { author, content: textOf(index) },
      }),
    )
    return { guildId, channelId, username: USERNAME, messages, emptyBytes }
  } finally {
    await close()
  }
}

async function inParallel(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let begun = 0
  const run = async () => {
    while (begun < count) await work(begun++)
  }
  await Promise.all(Array.from({ length: PARALLEL_SENDS }, run))
}

/** The timeline over the data directory of a node that is not running. */
export async function openTimeline(
  dataDir: string,
  now: () => number = Date.now,
): Promise<{ timeline: Timeline; identitySeed: Uint8Array; close(): Promise<void> }> {
  const { identity } = await openSecrets({
    dataDir,
    configured: { sessionSigningKey: undefined, adminToken: undefined, passphrase: undefined },
    mayCreateIdentity: false,
    now: now(),
  })
  const key = identity.signingKeys.at(-1)
  if (key === undefined) throw new Error('The identity has no signing key')
  const signer = createSigner(key.seed)
  const db = openNodeDatabase(join(dataDir, 'openguild.db'), { synchronous: 'full', maxBatch: 256, log: silentLogger })
  const verifier = createVerifier({ threads: 1 })
  const { timeline } = createTimeline({
    db,
    clock: { now },
    log: silentLogger,
    verifier,
    origin: peerIdOfPublicKey(publicKeyOfSeed(identity.seed)),
    signer,
    statement: createOwnStatement(
      identity.seed,
      identity.signingKeys.map(({ seed, createdAt }) => ({ publicKey: publicKeyOfSeed(seed), validFrom: createdAt })),
    ),
    limits: { waitingPerGuild: 0, waitingPerPeer: 0 },
    newNonce: () => '0'.repeat(32),
  })
  return {
    timeline,
    identitySeed: identity.seed,
    async close() {
      await verifier.close()
      db.close()
    },
  }
}

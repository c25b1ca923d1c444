import { randomBytes, randomUUID } from 'node:crypto'
import type { UserId } from '../../node/base/ids.ts'
import { silentLogger } from '../../node/base/log.ts'
import { createMetrics } from '../../node/base/metrics.ts'
import { createChannels } from '../../node/services/channels.ts'
import { type Caller, createGuildAccess } from '../../node/services/guild-access.ts'
import { createGuilds } from '../../node/services/guilds.ts'
import { createInvites, type InvitesDeps } from '../../node/services/invites.ts'
import { createMembers } from '../../node/services/members.ts'
import { createMemberships } from '../../node/services/memberships.ts'
import { createMessages } from '../../node/services/messages.ts'
import type { MessagingRejection } from '../../node/services/messaging-metrics.ts'
import { createRateLimiter } from '../../node/services/rate-limit.ts'
import { createReadMarkers } from '../../node/services/read-markers.ts'
import { createTimeline } from '../../node/services/timeline/index.ts'
import type { Verifier } from '../../node/services/timeline/verifier.ts'
import { insertUser } from '../../node/storage/users.ts'
import { heldClock } from './clock.ts'
import { openTestDatabase } from './database.ts'
import { testNode } from './test-node.ts'

export interface HomeOptions {
  joinRemote?: InvitesDeps['joinRemote']
  /** Messages per user and per address in a minute. */
  rateLimit?: { user: number; address: number }
}

export type Home = Awaited<ReturnType<typeof openHome>>

/** The guild services of one node over its real timeline and a database of its own. Nothing listens, nothing is sent. */
export async function openHome(options: HomeOptions = {}) {
  const database = await openTestDatabase()
  const { db } = database
  const clock = heldClock()
  const { serverName: self, signer, ownStatement: statement } = testNode('home')
  const rejections: MessagingRejection[] = []
  const metrics = { rejected: (reason: MessagingRejection) => void rejections.push(reason) }
  const { timeline, feed } = createTimeline({
    db,
    clock,
    log: silentLogger,
    verifier: noVerifier,
    origin: self,
    signer,
    statement,
    limits: { waitingPerGuild: 100, waitingPerPeer: 100 },
    newNonce: () => randomBytes(16).toString('hex'),
  })
  const access = createGuildAccess({ timeline, self })
  const readMarkers = createReadMarkers({ db, timeline, access, clock })
  const { user = 1_000, address = 1_000 } = options.rateLimit ?? {}
  const limiter = (limit: number) => createRateLimiter({ clock, limit, windowMs: 60_000 })

  return {
    self,
    db,
    clock,
    timeline,
    feed,
    access,
    /** Reasons in the order they were counted. */
    rejections,
    metrics,
    figures: createMetrics(),
    readMarkers,
    guilds: createGuilds({ timeline, access, metrics }),
    channels: createChannels({ timeline, access, readMarkers, metrics }),
    messages: createMessages({ timeline, access, metrics, limits: { user: limiter(user), address: limiter(address) } }),
    members: createMembers({ timeline, access }),
    memberships: createMemberships({ access }),
    invites: createInvites({
      timeline,
      access,
      self,
      clock,
      randomBytes,
      invitePeers: () => [{ peer_id: self, addresses: ['/ip4/127.0.0.1/tcp/4001'] }],
      joinRemote: options.joinRemote ?? (() => Promise.reject(new Error('no other node in this test'))),
    }),
    /** An account of this node. */
    account(username: string): Caller {
      const caller = { userId: randomUUID() as string as UserId, username }
      const now = clock.now()
      db.writeNow((tx) => insertUser(tx, { ...caller, passwordHash: 'none', createdAt: now, updatedAt: now }))
      return caller
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}

/** A guild of `owner` with one channel and these members, who came by an invite. */
export async function guildWithChannel(home: Home, owner: Caller, ...members: Caller[]) {
  const { guildId } = await home.guilds.create(owner, 'Guild')
  const { channel } = await home.channels.create(owner, guildId, 'general')
  await bring(home, owner, guildId, members)
  return { guildId, channelId: channel.id }
}

type GuildIdOf = Parameters<Home['invites']['create']>[1]

/** Lets these accounts join by an invite of `by` that gives them these roles. */
export async function bring(home: Home, by: Caller, guildId: GuildIdOf, members: Caller[], roles?: string[]) {
  if (members.length === 0) return
  const { link } = await home.invites.create(by, guildId, roles === undefined ? {} : { roles })
  for (const member of members) await home.invites.join(member, link)
}

const noVerifier: Verifier = {
  check: () => Promise.reject(new Error('nothing is received in this test')),
  pending: () => 0,
  close: () => Promise.resolve(),
}

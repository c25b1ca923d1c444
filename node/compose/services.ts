import { fromBase64Url } from '../base/bytes.ts'
import type { Logger } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import { registrationMode } from '../config/resolve.ts'
import type { Config } from '../config/schema.ts'
import type { NodeSecrets } from '../config/secrets.ts'
import { createOwnStatement, type KeyStatement } from '../events/key-statement.ts'
import { publicKeyOfSeed } from '../events/keys.ts'
import { peerIdOfPublicKey } from '../events/peer-id.ts'
import { createSigner } from '../events/sign.ts'
import { createAccessTokens } from '../services/access-token.ts'
import { createAccounts } from '../services/accounts.ts'
import { createAdminAccess } from '../services/admin-access.ts'
import { createChannels } from '../services/channels.ts'
import { createCredentials } from '../services/credentials.ts'
import { createEndedSessions } from '../services/ended-sessions.ts'
import { createGuildAccess } from '../services/guild-access.ts'
import { createGuilds } from '../services/guilds.ts'
import { createInvites, type InvitePeer, type JoinRemote } from '../services/invites.ts'
import { createMembers } from '../services/members.ts'
import { createMemberships } from '../services/memberships.ts'
import { createMessages } from '../services/messages.ts'
import { createRejectionMetrics } from '../services/messaging-metrics.ts'
import { createMlsKeys } from '../services/mls.ts'
import { createOperator } from '../services/operator.ts'
import { createPasswords } from '../services/passwords.ts'
import { createPeers } from '../services/peers.ts'
import { createProfiles } from '../services/profile.ts'
import { createRateLimiter } from '../services/rate-limit.ts'
import { createReadMarkers } from '../services/read-markers.ts'
import { createSessions } from '../services/sessions.ts'
import { createTimeline } from '../services/timeline/index.ts'
import { createVerifier } from '../services/timeline/verifier.ts'
import type { Database } from '../storage/database.ts'
import type { Platform } from './platform.ts'

export interface ServicesDeps {
  config: Config
  secrets: NodeSecrets
  db: Database
  platform: Platform
  metrics: Metrics
  log: Logger
  /** The two things guild services need of federation, which is made after them. */
  remote: { join: JoinRemote; invitePeers: (guildId: Parameters<JoinRemote>[0]['guild_id']) => InvitePeer[] }
}

export type Services = ReturnType<typeof createServices>

/** One core of the two a small machine has stays with the event loop. */
const VERIFY_THREADS = 1

/** Everything the node does, wired but not running. Order: keys, log, people, guilds. */
export function createServices(deps: ServicesDeps) {
  const { config, secrets, db, platform, log } = deps
  const { clock, newId } = platform
  const self = peerIdOfPublicKey(publicKeyOfSeed(secrets.identity.seed))
  const signer = createSigner(currentSigningSeed(secrets))

  const statement = statementOf(secrets)
  const verifier = createVerifier({ threads: VERIFY_THREADS })
  const { timeline, feed } = createTimeline({
    db,
    clock,
    log,
    verifier,
    origin: self,
    signer,
    statement,
    limits: {
      waitingPerGuild: config.limits.waiting_events_per_guild,
      waitingPerPeer: config.limits.waiting_events_per_peer,
    },
    newNonce: () => Buffer.from(platform.randomBytes(16)).toString('hex'),
  })

  const access = createGuildAccess({ timeline, self })
  const rejections = createRejectionMetrics(deps.metrics)
  const readMarkers = createReadMarkers({ db, timeline, access, clock })
  const invites = createInvites({
    timeline,
    access,
    self,
    clock,
    randomBytes: platform.randomBytes,
    joinRemote: deps.remote.join,
    invitePeers: deps.remote.invitePeers,
  })
  const people = createPeople(deps, { checkInvite: invites.isUsable, access })

  return {
    self,
    statement,
    verifier,
    timeline,
    feed,
    access,
    rejections,
    readMarkers,
    invites,
    ...people,
    peers: createPeers({ self, db, clock }),
    guilds: createGuilds({ timeline, access, metrics: rejections }),
    channels: createChannels({ timeline, access, readMarkers, metrics: rejections }),
    members: createMembers({ timeline, access }),
    mls: config.mls.enabled
      ? createMlsKeys({ db, clock, randomBytes: platform.randomBytes, ...config.mls })
      : undefined,
    messages: createMessages({ timeline, access, limits: messageLimits(deps), metrics: rejections }),
    newId,
  }
}

/** The same keys always make the same statement, so it need not be kept. */
const statementOf = ({ identity }: NodeSecrets): KeyStatement =>
  createOwnStatement(
    identity.seed,
    identity.signingKeys.map(({ seed, createdAt }) => ({ publicKey: publicKeyOfSeed(seed), validFrom: createdAt })),
  )

function currentSigningSeed({ identity }: NodeSecrets): Uint8Array {
  const key = identity.signingKeys.at(-1)
  if (key === undefined) throw new Error('The identity of this node has no signing key')
  return key.seed
}

interface PeopleDeps {
  checkInvite(link: string): boolean
  access: ReturnType<typeof createGuildAccess>
}

function createPeople({ config, secrets, db, platform, log }: ServicesDeps, { checkInvite, access }: PeopleDeps) {
  const { clock, newId } = platform
  const passwords = createPasswords()
  const limits = {
    attemptsPerWindow: config.limits.login_attempts_per_window,
    windowMs: config.limits.login_window_secs * 1000,
  }
  const registration = registrationMode(config)
  const accounts = createAccounts({ db, clock, newId, passwords, registration, limits, checkInvite })
  const endedSessions = createEndedSessions({ db, clock, log })
  const sessions = createSessions({
    db,
    clock,
    newId,
    log,
    credentials: createCredentials({ db, clock, passwords, limits }),
    accessTokens: createAccessTokens({
      signingSeed: secrets.sessionSigningSeed,
      fallbackKeys: config.session.fallback_verifying_keys.map(fromBase64Url),
      clock,
    }),
    ended: endedSessions,
  })
  return {
    accounts,
    sessions,
    endedSessions,
    adminAccess: createAdminAccess({ adminToken: secrets.adminToken, sessions, accounts }),
    operator: createOperator({ accounts }),
    profiles: createProfiles({ accounts, memberships: createMemberships({ access }), log }),
  }
}

function messageLimits({ config, platform }: ServicesDeps) {
  const windowMs = config.messaging.rate_limit_window_secs * 1000
  const limiter = (limit: number) => createRateLimiter({ clock: platform.clock, limit, windowMs })
  return {
    address: limiter(config.messaging.max_messages_per_ip_per_window),
    user: limiter(config.messaging.max_messages_per_user_per_window),
  }
}

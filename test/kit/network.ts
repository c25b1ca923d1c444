import { randomBytes, randomUUID } from 'node:crypto'
import { memory } from '@libp2p/memory'
import { systemClock } from '../../node/base/clock.ts'
import type { ChannelId, GuildId, ServerName, UserId } from '../../node/base/ids.ts'
import { blake3 } from '../../node/events/id.ts'
import { createOwnStatement } from '../../node/events/key-statement.ts'
import { publicKeyOfSeed } from '../../node/events/keys.ts'
import { peerIdOfPublicKey } from '../../node/events/peer-id.ts'
import { createSigner } from '../../node/events/sign.ts'
import { createFederation, type FederationDeps, type FederationOptions } from '../../node/federation/index.ts'
import { type Caller, createGuildAccess } from '../../node/services/guild-access.ts'
import { createGuilds } from '../../node/services/guilds.ts'
import { createInvites } from '../../node/services/invites.ts'
import { createPeers } from '../../node/services/peers.ts'
import { createTimeline } from '../../node/services/timeline/index.ts'
import type { GuildView } from '../../node/services/timeline/types.ts'
import { createVerifier } from '../../node/services/timeline/verifier.ts'
import type { Database } from '../../node/storage/database.ts'
import { openTestDatabase } from './database.ts'
import { recordingLogger } from './log.ts'
import { until } from './until.ts'

export interface NetworkOptions extends Partial<Pick<FederationOptions, 'gossip' | 'syncIntervalMs'>> {
  /** Real TCP on the loopback interface instead of memory. */
  tcp?: boolean
  frameLimits?: FederationDeps['frameLimits']
}

export type NetworkNode = Awaited<ReturnType<typeof openNode>>

/** Nodes in one process, each with its own database, log and libp2p. No HTTP. */
export interface Network extends AsyncDisposable {
  readonly nodes: readonly NetworkNode[]
  /** Throws for a name that was not started. */
  node(name: string): NetworkNode
  /** Opens another node that knows nobody. */
  add(name: string): Promise<NetworkNode>
  /** Lets the first dial the second. */
  connect(from: NetworkNode, to: NetworkNode): Promise<void>
  /** Until all running nodes that hold the guild have the same events and the same law. */
  settled(guildId: GuildId): Promise<void>
}

export async function startNetwork(names: readonly string[], options: NetworkOptions = {}): Promise<Network> {
  const nodes: NetworkNode[] = []

  async function add(name: string): Promise<NetworkNode> {
    const node = await openNode(name, options)
    nodes.push(node)
    return node
  }

  const views = (guildId: GuildId) => nodes.filter((node) => node.isRunning()).map((node) => viewOf(node, guildId))

  for (const name of names) await add(name)
  return {
    nodes,
    add,
    node(name) {
      const node = nodes.find((candidate) => candidate.name === name)
      if (node === undefined) throw new Error(`There is no node ${name}`)
      return node
    },
    async connect(from, to) {
      from.peers.learn(to.self, to.federation.addresses())
      await from.federation.connect(to.self)
    },
    settled: (guildId) =>
      until(() => isSame(views(guildId)), { describe: () => views(guildId).map(describeView), timeoutMs: 15_000 }),
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((node) => node.close()))
    },
  }
}

/** One node; `restart` keeps its database and its name. */
async function openNode(name: string, options: NetworkOptions) {
  const storage = await openTestDatabase()
  const secret = randomUUID()
  const signingNames = [`signing ${secret}`]
  let running = await startParts(name, { storage: storage.db, secret, signingNames, options })
  let isRunning = true

  async function stop(): Promise<void> {
    if (!isRunning) return
    isRunning = false
    await running.federation.stop()
    await running.verifier.close()
  }

  return {
    name,
    isRunning: () => isRunning,
    self: running.self,
    /** Lets a test speak as this node while it is stopped. */
    identitySeed: running.identitySeed,
    caller: running.caller,
    get timeline() {
      return running.timeline
    },
    get federation() {
      return running.federation
    },
    get peers() {
      return running.peers
    },
    get invites() {
      return running.invites
    },
    log: running.log,
    /** A guild of this node's user with one channel. */
    async found(): Promise<{ guildId: GuildId; channelId: ChannelId }> {
      const { guildId } = await running.guilds.create(running.caller, 'Guild')
      return { guildId, channelId: await running.addChannel(guildId) }
    },
    invite: async (guildId: GuildId) => (await running.invites.create(running.caller, guildId, {})).link,
    join: (link: string) => running.invites.join(running.caller, link),
    async post(channelId: ChannelId, text: string): Promise<void> {
      const guildId = running.timeline.guildOfChannel(channelId)
      if (guildId === undefined) throw new Error(`${name} does not hold the channel`)
      const { userId, username } = running.caller
      const content = { author: { id: userId, username }, content: text }
      await running.timeline.send({ guildId, eventType: 'message', roomId: channelId, sender: userId, content })
    },
    texts: (channelId: ChannelId): string[] =>
      running.timeline.page(channelId, { limit: 200 }).map((event) => textOf(event.body)),
    stop,
    async restart(): Promise<void> {
      await stop()
      running = await startParts(name, { storage: storage.reopen(), secret, signingNames, options })
      isRunning = true
    },
    async restartWithNewKey(): Promise<void> {
      signingNames.push(`signing ${secret} ${signingNames.length}`)
      await this.restart()
    },
    async close(): Promise<void> {
      await stop()
      await storage[Symbol.asyncDispose]()
    },
  }
}

interface PartsDeps {
  storage: Database
  secret: string
  /** Its signing keys, newest last. */
  signingNames: readonly string[]
  options: NetworkOptions
}

async function startParts(name: string, { storage: db, secret, signingNames, options }: PartsDeps) {
  const clock = systemClock
  const log = recordingLogger()
  const identitySeed = blake3(`identity ${secret}`)
  const seeds = signingNames.map((signingName) => blake3(signingName))
  const signer = createSigner(seeds.at(-1) ?? blake3(secret))
  const self = peerIdOfPublicKey(publicKeyOfSeed(identitySeed))
  const caller: Caller = { userId: userIdOf(secret), username: name }

  const statement = createOwnStatement(
    identitySeed,
    seeds.map((seed) => ({ publicKey: publicKeyOfSeed(seed), validFrom: 0 })),
  )
  const verifier = createVerifier({ threads: 1 })
  const limits = { waitingPerGuild: 20_000, waitingPerPeer: 5_000 }
  const newNonce = () => randomBytes(16).toString('hex')
  const own = { origin: self, signer, statement }
  const { timeline, feed } = createTimeline({ db, clock, log, verifier, ...own, limits, newNonce })
  const peers = createPeers({ self, db, clock })
  const federation = await createFederation({
    identitySeed,
    timeline,
    feed,
    self,
    peers,
    clock,
    log,
    options: {
      listen: [options.tcp === true ? '/ip4/127.0.0.1/tcp/0' : `/memory/${self}`],
      announce: [],
      mdns: false,
      gossip: options.gossip ?? true,
      syncIntervalMs: options.syncIntervalMs ?? 3_600_000,
      gossipEventsPerSecond: 500,
      displayName: name,
    },
    ...(options.tcp === true ? {} : { transports: [memory()] }),
    ...(options.frameLimits === undefined ? {} : { frameLimits: options.frameLimits }),
  })
  await federation.start()
  await timeline.recover()

  const access = createGuildAccess({ timeline, self })
  const metrics = { rejected: () => {} }
  const invites = createInvites({
    timeline,
    access,
    self,
    clock,
    randomBytes,
    invitePeers: () => [{ peer_id: self, addresses: federation.addresses() }],
    joinRemote: federation.joinRemote,
  })
  return {
    self,
    identitySeed,
    caller,
    log,
    verifier,
    timeline,
    peers,
    federation,
    invites,
    guilds: createGuilds({ timeline, access, metrics }),
    async addChannel(guildId: GuildId): Promise<ChannelId> {
      const draft = { guildId, eventType: 'channel.create' as const, roomId: guildId, sender: caller.userId }
      const { eventId } = await timeline.send({ ...draft, content: { name: 'general' } })
      const channel = timeline
        .stateOf(guildId)
        ?.channels.values()
        .find((made) => made.createEvent === eventId)
      if (channel === undefined) throw new Error('The channel was not made')
      return channel.id
    },
  }
}

/** The same after a restart. */
const userIdOf = (secret: string) => secret as UserId

const textOf = (body: string): string => (JSON.parse(body) as { content: { content: string } }).content.content

const viewOf = (node: NetworkNode, guildId: GuildId) => ({ name: node.name, view: node.timeline.findGuild(guildId) })

interface NamedView {
  name: string
  view: GuildView | undefined
}

const tipsText = (view: GuildView): string =>
  view.tips
    .map((tip) => tip.eventId)
    .sort()
    .join()

function isSame(views: readonly NamedView[]): boolean {
  const states = views.map(({ view }) => view && `${view.stateHash} ${view.waiting} ${tipsText(view)}`)
  return states.every((state) => state !== undefined && state === states[0])
}

const describeView = ({ name, view }: NamedView) => ({
  name,
  events: view?.events,
  waiting: view?.waiting,
  stateHash: view?.stateHash.slice(0, 8),
  tips: view?.tips.map((tip): [ServerName, number] => [tip.origin, tip.position]),
})

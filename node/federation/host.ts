import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { GossipSub } from '@libp2p/gossipsub'
import { type Identify, identify } from '@libp2p/identify'
import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface'
import { mdns } from '@libp2p/mdns'
import { noise } from '@libp2p/noise'
import { peerIdFromString } from '@libp2p/peer-id'
import { type Ping, ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import type { ServerName } from '../base/ids.ts'
import { createGossip, type Gossip, gossipService } from './gossip.ts'

export type Transports = NonNullable<Libp2pOptions['transports']>

export interface LiveLink {
  peerId: ServerName
  direction: 'inbound' | 'outbound'
  /** Multiaddr of the other end. */
  address: string
}

export interface HostEvents {
  onConnect(link: LiveLink): void
  onDisconnect(peer: ServerName): void
  /** The peer told where it listens. */
  onIdentify(peer: ServerName, addresses: readonly string[]): void
  /** Seen on the LAN; nothing was dialled. */
  onDiscover(peer: ServerName, addresses: readonly string[]): void
}

/** This node on the network. Peers are named by their peer id text everywhere outside. */
export interface Host {
  readonly peerId: ServerName
  readonly gossip: Gossip
  /** Opens the listeners. Throws when an address can not be listened on. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Multiaddrs others can dial, with `/p2p/<peer id>`. */
  addresses(): string[]
  /** One link for each connected peer. */
  links(): LiveLink[]
  isConnected(peer: ServerName): boolean
  /** Nothing to do when connected already. Throws when no address answers. */
  dial(peer: ServerName, addresses: readonly string[], signal: AbortSignal): Promise<void>
  /** Closes all connections of a peer at once. */
  disconnect(peer: ServerName): void
  /** Throws when the peer is not connected or does not speak the protocol. */
  open(peer: ServerName, protocol: string, signal: AbortSignal): Promise<Stream>
  /** Before `start`. The handler owns the stream and must not throw. */
  handle(protocol: string, handler: (stream: Stream, peer: ServerName) => void): Promise<void>
  /** Before `start`. */
  listen(events: HostEvents): void
}

export interface HostDeps {
  /** 32 bytes. */
  identitySeed: Uint8Array
  /** Multiaddrs. */
  listen: readonly string[]
  announce: readonly string[]
  mdns: boolean
  /** Block and allow lists; asked for every connection in both directions. */
  mayConnect(peer: ServerName): boolean
  /** Gossip score of a peer, see `scoring.ts`. */
  scoreOf(peer: ServerName): number
  /** Instead of TCP and WebSocket. */
  transports?: Transports
}

type Services = { identify: Identify; ping: Ping; pubsub: GossipSub }

/** A sender can not put more than this into our memory while we are busy; it also bounds one turn's work under a flood. */
const STREAM_WINDOW_BYTES = 512 * 1024
const MAX_CONNECTIONS = 128
const MAX_STREAMS_PER_PEER = 8
/** libp2p's default of 5 a second for one address shuts out a LAN behind one router. */
const INBOUND_PER_ADDRESS_PER_SECOND = 50

export async function createHost(deps: HostDeps): Promise<Host> {
  const node = await createLibp2p<Services>(await optionsOf(deps))
  const gossip = createGossip(node.services.pubsub)

  const linksOf = (peer: ServerName): Connection[] =>
    node.getConnections(peerIdFromString(peer)).filter((connection) => connection.status === 'open')

  return {
    peerId: nameOf(node.peerId),
    gossip,
    start: async () => node.start(),
    stop: async () => node.stop(),
    addresses: () => node.getMultiaddrs().map(String),
    links: () => node.getPeers().flatMap((peer) => linksOf(nameOf(peer)).slice(0, 1).map(toLink)),
    isConnected: (peer) => linksOf(peer).length > 0,
    async dial(peer, addresses, signal) {
      if (linksOf(peer).length > 0) return
      await node.dial(
        addresses.map((address) => withPeer(address, peer)),
        { signal },
      )
    },
    disconnect(peer) {
      for (const connection of node.getConnections(peerIdFromString(peer))) {
        connection.abort(new Error('The peer is not wanted here'))
      }
    },
    async open(peer, protocol, signal) {
      const [connection] = linksOf(peer)
      if (connection === undefined) throw new Error(`Not connected to ${peer}`)
      return connection.newStream(protocol, { signal, maxOutboundStreams: MAX_STREAMS_PER_PEER })
    },
    handle: (protocol, handler) =>
      node.handle(protocol, (stream, connection) => handler(stream, nameOf(connection.remotePeer)), {
        maxInboundStreams: MAX_STREAMS_PER_PEER,
      }),
    listen: (events) => listenTo(node, events, linksOf),
  }
}

async function optionsOf(deps: HostDeps): Promise<Libp2pOptions<Services>> {
  const refuses = (peer: PeerId) => !deps.mayConnect(nameOf(peer))
  return {
    start: false,
    privateKey: await generateKeyPairFromSeed('Ed25519', deps.identitySeed),
    addresses: { listen: [...deps.listen], announce: [...deps.announce] },
    transports: deps.transports ?? [tcp(), webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: STREAM_WINDOW_BYTES } })],
    connectionGater: {
      denyDialPeer: refuses,
      denyInboundEncryptedConnection: refuses,
      denyOutboundEncryptedConnection: refuses,
      // libp2p's default would refuse private addresses in browsers only; a LAN is where we live.
      denyDialMultiaddr: () => false,
    },
    connectionManager: {
      maxConnections: MAX_CONNECTIONS,
      inboundConnectionThreshold: INBOUND_PER_ADDRESS_PER_SECOND,
      maxIncomingPendingConnections: INBOUND_PER_ADDRESS_PER_SECOND,
    },
    // A busy peer answers pings late; giving it up would lose its messages (lab notes, section 2).
    connectionMonitor: { abortConnectionOnPingFailure: false },
    peerDiscovery: deps.mdns ? [mdns()] : [],
    services: { identify: identify(), ping: ping(), pubsub: gossipService(deps.scoreOf) },
  }
}

function listenTo(node: Libp2p<Services>, events: HostEvents, linksOf: (peer: ServerName) => Connection[]): void {
  node.addEventListener('peer:connect', ({ detail }) => {
    const [connection] = linksOf(nameOf(detail))
    if (connection) events.onConnect(toLink(connection))
  })
  node.addEventListener('peer:disconnect', ({ detail }) => events.onDisconnect(nameOf(detail)))
  node.addEventListener('peer:identify', ({ detail }) => {
    events.onIdentify(nameOf(detail.peerId), detail.listenAddrs.map(String))
  })
  node.addEventListener('peer:discovery', ({ detail }) => {
    events.onDiscover(nameOf(detail.id), detail.multiaddrs.map(String))
  })
}

const nameOf = (peer: PeerId): ServerName => peer.toString() as ServerName

const toLink = (connection: Connection): LiveLink => ({
  peerId: nameOf(connection.remotePeer),
  direction: connection.direction,
  address: connection.remoteAddr.toString(),
})

/** Addresses are stored without the peer; with it, libp2p makes sure that nobody else answers there. */
function withPeer(address: string, peer: ServerName): Multiaddr {
  return multiaddr(address.includes('/p2p/') ? address : `${address}/p2p/${peer}`)
}

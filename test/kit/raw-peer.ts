import { randomBytes } from 'node:crypto'
import { memory } from '@libp2p/memory'
import { createFrameChannel, type FrameChannel } from '../../node/federation/frames.ts'
import { createHost, type Host } from '../../node/federation/host.ts'
import type { Hello } from '../../node/federation/wire.ts'
import type { NetworkNode } from './network.ts'

/** A peer that says what the test wants: it has an identity and a connection, and no node behind them. */
export interface RawPeer extends AsyncDisposable {
  readonly host: Host
  /** A stream to the node it is connected to. */
  open(protocol: string): Promise<FrameChannel>
}

/** Connects to a node, with a fresh identity or that of a node which is stopped. */
export async function connectRaw(to: NetworkNode, identitySeed: Uint8Array = randomBytes(32)): Promise<RawPeer> {
  const host = await createHost({
    identitySeed,
    listen: [],
    announce: [],
    mdns: false,
    mayConnect: () => true,
    scoreOf: () => 0,
    transports: [memory()],
  })
  await host.start()
  await host.dial(to.self, to.federation.addresses(), AbortSignal.timeout(5_000))
  return {
    host,
    async open(protocol) {
      const stream = await host.open(to.self, protocol, AbortSignal.timeout(5_000))
      return createFrameChannel(stream, { maxFrameBytes: 4 * 1024 * 1024, silenceMs: 10_000 })
    },
    [Symbol.asyncDispose]: () => host.stop(),
  }
}

/** A hello that offers these guilds. */
export const helloWith = (guilds: Hello['guilds'], extra: Partial<Hello> = {}): Hello => ({
  type: 'hello',
  version: 1,
  peers: [],
  guilds,
  ...extra,
})

export const emptyOffer = (guildId: Hello['guilds'][number]['guild_id']): Hello['guilds'][number] => ({
  guild_id: guildId,
  state_hash: '',
  law_heads: [],
  tips: [],
})

/** All frames until the other side ends or breaks off. */
export async function drain(channel: FrameChannel): Promise<{ type: string; lines: string[] }[]> {
  const frames: { type: string; lines: string[] }[] = []
  try {
    for (let frame = await channel.read(); frame !== undefined; frame = await channel.read()) {
      frames.push({ type: typeOf(frame.header), lines: frame.lines })
    }
  } catch {
    frames.push({ type: 'broken off', lines: [] })
  }
  return frames
}

const typeOf = (header: unknown): string => String((header as { type?: unknown }).type)

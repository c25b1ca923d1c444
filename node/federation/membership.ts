import type { GuildId, ServerName } from '../base/ids.ts'
import { type GuildState, nodesOf } from '../events/state/guild-state.ts'
import type { Timeline } from '../services/timeline/types.ts'

/** Who shares which guild with us, by the law as this node knows it. */
export interface Membership {
  isHeld(guildId: GuildId): boolean
  /** Whether a node has a member in a guild held here. */
  isMember(guildId: GuildId, peer: ServerName): boolean
  /** Whether a node has a member in any guild held here. */
  isKnown(peer: ServerName): boolean
  /** Guilds held here. */
  guilds(): readonly GuildId[]
  guildsWith(peer: ServerName): GuildId[]
  nodes(guildId: GuildId): ReadonlySet<ServerName>
  /** All nodes with a member in a guild held here, without this one. */
  everyone(): Set<ServerName>
}

const NOBODY: ReadonlySet<ServerName> = new Set()

export function createMembership(timeline: Pick<Timeline, 'guildIds' | 'stateOf'>, self: ServerName): Membership {
  // States are values: a changed law is another object.
  const nodesByState = new WeakMap<GuildState, ReadonlySet<ServerName>>()

  function nodes(guildId: GuildId): ReadonlySet<ServerName> {
    const state = timeline.stateOf(guildId)
    if (state === undefined) return NOBODY
    const known = nodesByState.get(state) ?? nodesOf(state)
    nodesByState.set(state, known)
    return known
  }

  const guildsWith = (peer: ServerName) => timeline.guildIds().filter((guildId) => nodes(guildId).has(peer))

  return {
    isHeld: (guildId) => timeline.stateOf(guildId) !== undefined,
    isMember: (guildId, peer) => nodes(guildId).has(peer),
    isKnown: (peer) => timeline.guildIds().some((guildId) => nodes(guildId).has(peer)),
    guilds: () => timeline.guildIds(),
    guildsWith,
    nodes,
    everyone() {
      const all = new Set(timeline.guildIds().flatMap((guildId) => [...nodes(guildId)]))
      all.delete(self)
      return all
    },
  }
}

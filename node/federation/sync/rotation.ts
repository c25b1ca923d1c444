import type { GuildId, ServerName } from '../../base/ids.ts'

/** Whose turn it is when a hello cannot name all guilds shared with a peer: those talked about longest ago. */
export interface Rotation {
  /** The same guilds, those never talked about first. */
  order(peer: ServerName, guildIds: readonly GuildId[]): GuildId[]
  /** A hello was said. */
  note(peer: ServerName, said: SaidHello): void
}

export interface SaidHello {
  offered: readonly GuildId[]
  /** What the other side named. */
  named: ReadonlySet<GuildId>
  /** Nothing had to be left out. */
  isAll: boolean
}

export function createRotation(): Rotation {
  const queues = new Map<ServerName, GuildId[]>()

  return {
    order(peer, guildIds) {
      const places = new Map((queues.get(peer) ?? []).map((guildId, index) => [guildId, index]))
      const placeOf = (guildId: GuildId) => places.get(guildId) ?? -1
      return guildIds.toSorted((left, right) => placeOf(left) - placeOf(right))
    },
    note(peer, { offered, named, isAll }) {
      if (isAll) return void queues.delete(peer)
      const rest = (queues.get(peer) ?? []).filter((guildId) => !offered.includes(guildId))
      // The other side may have cut its own hello: what it left out comes before what was talked about.
      const [talked, leftOut] = [offered.filter((id) => named.has(id)), offered.filter((id) => !named.has(id))]
      queues.set(peer, [...rest, ...leftOut, ...talked])
    },
  }
}

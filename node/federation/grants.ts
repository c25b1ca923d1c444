import type { Clock } from '../base/clock.ts'
import type { GuildId, ServerName } from '../base/ids.ts'
import type { Membership } from './membership.ts'

/** Which guilds are served to a peer, and which we ask it for. */
export interface Access {
  /** Members' nodes, and nodes that showed a valid invite a short while ago. */
  isServed(guildId: GuildId, peer: ServerName): boolean
  grant(guildId: GuildId, peer: ServerName): void
  revoke(guildId: GuildId, peer: ServerName): void
  /** While joining: this peer may give us a guild we do not hold yet. */
  expect(guildId: GuildId, peer: ServerName): void
  stopExpecting(guildId: GuildId, peer: ServerName): void
  /** Everything to talk about with a peer; what is being joined with its help comes first. */
  guildsFor(peer: ServerName): GuildId[]
}

const GRANT_MS = 15 * 60_000
/** In all; the oldest goes first. A joiner whose grant went asks again. */
const MAX_GRANTS = 1_000

export function createAccess(clock: Clock, membership: Pick<Membership, 'guilds' | 'isHeld' | 'isMember'>): Access {
  const grants = new Map<string, { guildId: GuildId; peer: ServerName; until: number }>()
  const expected = new Map<string, { guildId: GuildId; peer: ServerName }>()

  const keyOf = (guildId: GuildId, peer: ServerName) => `${guildId}/${peer}`

  function isGranted(guildId: GuildId, peer: ServerName): boolean {
    const grant = grants.get(keyOf(guildId, peer))
    return grant !== undefined && grant.until > clock.now()
  }

  const isServed = (guildId: GuildId, peer: ServerName): boolean =>
    membership.isHeld(guildId) && (membership.isMember(guildId, peer) || isGranted(guildId, peer))

  return {
    isServed,
    grant(guildId, peer) {
      const key = keyOf(guildId, peer)
      grants.delete(key)
      grants.set(key, { guildId, peer, until: clock.now() + GRANT_MS })
      const oldest = grants.size > MAX_GRANTS ? grants.keys().next().value : undefined
      if (oldest !== undefined) grants.delete(oldest)
    },
    revoke: (guildId, peer) => void grants.delete(keyOf(guildId, peer)),
    expect: (guildId, peer) => void expected.set(keyOf(guildId, peer), { guildId, peer }),
    stopExpecting: (guildId, peer) => void expected.delete(keyOf(guildId, peer)),
    guildsFor(peer) {
      const served = membership.guilds().filter((guildId) => isServed(guildId, peer))
      const asked = [...expected.values()].filter((entry) => entry.peer === peer).map((entry) => entry.guildId)
      return [...new Set([...asked, ...served])]
    },
  }
}

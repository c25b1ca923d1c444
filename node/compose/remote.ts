import { AppError } from '../base/errors.ts'
import type { GuildId } from '../base/ids.ts'
import { nodesOf } from '../events/state/guild-state.ts'
import type { InvitePeer, JoinRemote } from '../services/invites.ts'
import type { FederationView } from '../services/status.ts'
import type { FederationPart } from './federation.ts'
import type { Services } from './services.ts'

/** What guild services need of federation. They are made first, so this is filled in by `connect`. */
export interface Remote {
  join: JoinRemote
  /** This node first, then others with a member in the guild whose addresses are known. */
  invitePeers(guildId: GuildId): InvitePeer[]
  connect(federation: FederationPart | undefined, services: Pick<Services, 'self' | 'peers' | 'timeline'>): void
}

/** A node without libp2p has no peers and is reached by none. */
export const NO_FEDERATION: FederationView = { addresses: () => [], links: () => [], reports: () => [] }

export function createRemote(): Remote {
  let federation: FederationPart | undefined
  let services: Pick<Services, 'self' | 'peers' | 'timeline'> | undefined

  return {
    connect(made, known) {
      federation = made
      services = known
    },
    async join(link, user) {
      if (federation === undefined) {
        throw new AppError(
          'federation_disabled',
          'This node does not connect to others: set p2p.enabled to join guilds',
        )
      }
      await federation.joinRemote(link, user)
    },
    invitePeers(guildId) {
      if (federation === undefined || services === undefined) return []
      const { self, peers, timeline } = services
      const state = timeline.stateOf(guildId)
      const others = state === undefined ? [] : [...nodesOf(state)].filter((peerId) => peerId !== self)
      const known = others.flatMap((peerId) => {
        const addresses = peers.find(peerId)?.addresses ?? []
        return addresses.length === 0 ? [] : [{ peer_id: peerId, addresses }]
      })
      return [{ peer_id: self, addresses: federation.addresses() }, ...known]
    },
  }
}

import type { ServerName } from '../base/ids.ts'
import type { Peers } from '../services/peers.ts'
import type { Membership } from './membership.ts'

/** Keeps the addresses of members' nodes for the next start; those of strangers only while they are connected. */
export interface AddressBook {
  /** A connected peer told where it listens, or answered there. */
  identified(peer: ServerName, addresses: readonly string[]): void
  gone(peer: ServerName): void
  /** The law changed: a stranger may be a member now. */
  review(): void
}

export interface AddressBookDeps {
  peers: Pick<Peers, 'find' | 'learn'>
  membership: Pick<Membership, 'isKnown'>
}

export function createAddressBook({ peers, membership }: AddressBookDeps): AddressBook {
  const strangers = new Map<ServerName, readonly string[]>()

  const isOurs = (peer: ServerName): boolean => membership.isKnown(peer) || peers.find(peer) !== undefined

  return {
    identified(peer, addresses) {
      if (isOurs(peer)) peers.learn(peer, addresses)
      else strangers.set(peer, [...addresses, ...(strangers.get(peer) ?? [])])
    },
    gone: (peer) => void strangers.delete(peer),
    review() {
      for (const [peer, addresses] of strangers) {
        if (!isOurs(peer)) continue
        strangers.delete(peer)
        peers.learn(peer, addresses)
      }
    },
  }
}

import { z } from 'zod'
import type { Clock } from '../base/clock.ts'
import { type ServerName, serverNameSchema } from '../base/ids.ts'
import type { StoredEvent, Timeline } from '../services/timeline/types.ts'
import type { Access } from './grants.ts'
import type { Host } from './host.ts'
import type { Membership } from './membership.ts'

/** What becomes of a node when its last member in a guild was kicked, was banned or left. */
export interface Removals {
  /** New events of the log, before they are passed on. */
  review(events: readonly StoredEvent[]): void
  /** A removed node stays out until nothing here remembers it as a member. */
  mayConnect(peer: ServerName): boolean
}

export interface RemovalsDeps {
  timeline: Pick<Timeline, 'verdictOf'>
  membership: Pick<Membership, 'isMember'>
  access: Pick<Access, 'revoke'>
  clock: Clock
  disconnect: Host['disconnect']
}

/** gossipsub keeps a score for a second and a peer in its mesh until the heartbeat after. */
const QUARANTINE_MS = 3_000

const targetSchema = z.object({ content: z.object({ target: z.object({ server_name: serverNameSchema }) }) })

export function createRemovals({ timeline, membership, access, clock, disconnect }: RemovalsDeps): Removals {
  const quarantine = new Map<ServerName, number>()

  function remove(peer: ServerName): void {
    for (const [other, until] of quarantine) if (until <= clock.now()) quarantine.delete(other)
    quarantine.set(peer, clock.now() + QUARANTINE_MS)
    disconnect(peer)
  }

  return {
    review(events) {
      for (const event of events) {
        const peer = removedNode(event)
        if (peer === undefined || membership.isMember(event.guildId, peer)) continue
        // Anybody may write a kick; only one the law allows removes a node.
        if (timeline.verdictOf(event.guildId, event.eventId)?.kind !== 'allowed') continue
        access.revoke(event.guildId, peer)
        remove(peer)
      }
    },
    mayConnect: (peer) => (quarantine.get(peer) ?? 0) <= clock.now(),
  }
}

/** The node of the member whom an event is meant to remove. */
function removedNode({ eventType, origin, body }: StoredEvent): ServerName | undefined {
  if (eventType === 'member.leave') return origin
  if (eventType !== 'member.kick' && eventType !== 'member.ban') return undefined
  return targetSchema.safeParse(JSON.parse(body)).data?.content.target.server_name
}

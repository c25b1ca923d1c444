import { describe, expect, it } from 'vitest'
import type { EventId, GuildId, ServerName } from '../../../node/base/ids.ts'
import { type KnownPeer, unknownPeer } from '../../../node/services/peers.ts'
import { createStatus, type PeerGuildReport, type PeerLink } from '../../../node/services/status.ts'
import { guildOf } from '../../kit/guild-graph.ts'
import { person } from '../../kit/test-node.ts'

const BOB = 'bob' as ServerName
const OURS = 'ours' as ServerName
const GUILD = 'guild' as GuildId

const tip = (position: number) => ({ origin: OURS, position, eventId: `$${position}` as EventId })

interface Options {
  links?: PeerLink[]
  peers?: KnownPeer[]
  reports?: PeerGuildReport[]
}

/** A node that holds nine events of one guild. */
function statusOf({ links = [], peers = [], reports = [] }: Options) {
  const state = guildOf(person('alice')).state()
  const view = { guildId: GUILD, state, stateHash: 'aa', lawHeads: [], tips: [tip(9)] }
  return createStatus({
    timeline: {
      guildIds: () => [GUILD],
      findGuild: () => ({ ...view, events: 9, waiting: 0, equivocated: [] }),
      latestSequence: () => 0,
      aheadOfClock: () => 0,
    },
    federation: { addresses: () => [], links: () => links, reports: () => reports },
    peers: { list: () => peers },
    parts: () => [],
    node: { peerId: OURS, name: 'ours', version: '1', startedAt: 0, dataDir: '' },
    apiAddress: () => '',
  })()
}

describe('the peers in the status', () => {
  const link: PeerLink = { peerId: BOB, direction: 'inbound', address: '/ip4/10.0.0.2/tcp/1' }

  it('count what they lacked when heads were compared, not what was said since and may long have reached them', () => {
    const report = { peerId: BOB, stateHash: 'aa', tips: [tip(4)], ahead: 0, at: 5 }

    const { peers } = statusOf({ peers: [unknownPeer(BOB)], reports: [report] })

    expect(peers[0]?.guilds).toEqual([{ guildId: GUILD, lacking: 0, ahead: 0, sameState: true, comparedAt: 5 }])
  })

  it('count what they had and is still not here', () => {
    const report = { peerId: BOB, stateHash: 'aa', tips: [tip(12)], ahead: 2, at: 5 }

    const { peers } = statusOf({ peers: [unknownPeer(BOB)], reports: [report] })

    expect(peers[0]?.guilds).toMatchObject([{ lacking: 3, ahead: 2 }])
  })

  it('hold who is connected without being in the address book, once', () => {
    expect(statusOf({ links: [link] }).peers).toMatchObject([{ peerId: BOB, link, blocked: false, addresses: [] }])
    expect(statusOf({ links: [link], peers: [unknownPeer(BOB)] }).peers).toHaveLength(1)
  })
})

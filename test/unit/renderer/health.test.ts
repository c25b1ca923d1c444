import { describe, expect, it } from 'vitest'
import type { NodeGuild, NodePeer, NodeStatusBody } from '../../../node/api/admin/shapes.ts'
import { completeness, healthOf, lagOf, nodeName, peerState } from '../../../renderer/state/health.ts'

const SELF = `12D3KooW${'a'.repeat(44)}`
const BOB = `12D3KooW${'b'.repeat(44)}`
const EVE = `12D3KooW${'e'.repeat(44)}`
const TIME = '2026-01-01T00:00:00Z'

const guild = (change: Partial<NodeGuild> = {}): NodeGuild => ({
  guild_id: 'g',
  name: 'Harbour',
  members: 2,
  nodes: [SELF, BOB],
  events: 9,
  heads: [],
  law_heads: [],
  state_hash: 'ab',
  complete: true,
  lacking: 0,
  held_by: [],
  waiting: 0,
  diverged: [],
  equivocated: [],
  channels: [],
  ...change,
})

const peer = (change: Partial<NodePeer> = {}): NodePeer => ({
  peer_id: BOB,
  name: 'bobs-laptop',
  connected: true,
  addresses: [],
  blocked: false,
  pinned: false,
  guilds: [],
  ...change,
})

const status = (change: Partial<NodeStatusBody> = {}): NodeStatusBody => ({
  peer_id: SELF,
  name: 'home',
  version: '1',
  started_at: TIME,
  data_dir: '/data',
  api_address: 'http://127.0.0.1:8080',
  p2p_addresses: [],
  parts: [{ name: 'database', status: 'ready' }],
  guilds: [guild()],
  peers: [peer()],
  ...change,
})

describe('the sentence on top', () => {
  it('says that all is good, and how good', () => {
    expect(healthOf(status())).toEqual({
      tone: 'good',
      sentence: 'All good: 1 guild complete, 1 of 1 peer connected.',
      findings: [],
    })
  })

  it('does not count blocked peers among those to be connected', () => {
    const peers = [peer(), peer({ peer_id: EVE, blocked: true, connected: false })]

    expect(healthOf(status({ peers })).sentence).toContain('1 of 1 peer connected')
  })

  it('does not call a node without a guild good or bad', () => {
    expect(healthOf(status({ guilds: [] })).sentence).toBe('Running, and waiting for its first guild.')
  })

  it('speaks of alarms before anything else', () => {
    const guilds = [guild({ complete: false, lacking: 1 }), guild({ diverged: [BOB], equivocated: [EVE] })]

    const health = healthOf(status({ guilds }))

    expect([health.tone, health.sentence]).toEqual(['bad', '2 things need your attention.'])
    expect(health.findings.map(({ tone }) => tone)).toEqual(['bad', 'bad', 'warn'])
    expect(health.findings[0]?.text).toBe('Harbour has diverged: bobs-laptop holds the same events and another state.')
    expect(health.findings[1]?.text).toContain('wrote two different events in the same place of Harbour')
  })

  it('a degraded part is something to know, a failed one an alarm', () => {
    const part = (name: string) => ({ name: 'federation', status: name, details: 'no address' })

    expect(healthOf(status({ parts: [part('degraded')] }))).toMatchObject({
      tone: 'warn',
      sentence: 'Running, with 1 thing to know.',
      findings: [{ text: 'federation is degraded: no address.' }],
    })
    expect(healthOf(status({ parts: [part('failed')] })).tone).toBe('bad')
  })
})

describe('words for guilds and peers', () => {
  it('what is missing is counted, with who has it', () => {
    const words = status()

    expect(completeness(guild(), words)).toBe('complete')
    expect(completeness(guild({ complete: false, lacking: 7, held_by: [BOB] }), words)).toBe(
      '7 events missing, held by bobs-laptop',
    )
    expect(completeness(guild({ complete: false, lacking: 1 }), words)).toBe('1 event missing, held by nobody we know')
  })

  it('a name that two nodes go by comes with the id', () => {
    expect(nodeName(SELF, status())).toBe('this node')
    expect(nodeName(EVE, status())).toBe('12D3…eeeeeeee')
    expect(nodeName(BOB, status({ name: 'bobs-laptop' }))).toBe('bobs-laptop (12D3…bbbbbbbb)')
    const twins = [peer(), peer({ peer_id: EVE })]
    expect(nodeName(EVE, status({ peers: twins }))).toBe('bobs-laptop (12D3…eeeeeeee)')
  })

  it('blocked outweighs connected', () => {
    expect(peerState(peer({ blocked: true }))).toBe('blocked')
    expect(peerState(peer())).toBe('connected')
    expect(peerState(peer({ connected: false }))).toBe('away')
  })

  it('lag is summed over shared guilds, each way by itself', () => {
    const shared = (lacking: number, ahead: number) => ({
      guild_id: 'g',
      lacking,
      ahead,
      same_state: true,
      compared_at: TIME,
    })

    expect(lagOf(peer({ guilds: [shared(1, 0), shared(2, 5)] }))).toEqual({ weLack: 3, theyLack: 5 })
  })
})

import type { NodePeer, NodeStatusBody } from '../../node/api/admin/shapes.ts'
import { button, copyable, empty, pill } from '../components/controls.ts'
import { table } from '../components/table.ts'
import { type Child, h, type View } from '../components/view.ts'
import type { Actions } from '../state/actions.ts'
import { ago, count, fullTime, shortPeerId } from '../state/format.ts'
import { lagOf, nodeName, type PeerState, peerState } from '../state/health.ts'

export interface PeersParts {
  status: NodeStatusBody
  now: number
  canAct: boolean
}

type PeerActions = Pick<Actions, 'open' | 'copy' | 'unblock'>

const COLUMNS = ['Node', 'State', 'Last synced', 'We lack', 'They lacked', 'Addresses', 'Actions']

export function peers(parts: PeersParts, actions: PeerActions): Child {
  const add = (look: 'primary' | 'plain') =>
    button('Add peer', { look, disabled: !parts.canAct, onClick: () => actions.open({ kind: 'add-peer' }) })
  if (parts.status.peers.length === 0) {
    return [
      h('div', { class: 'heading' }, h('h1', {}, 'Peers')),
      empty(
        'No other node known yet',
        'Nodes of the same guild and nodes on the same network find each other by themselves. Add one by its address to help.',
        add('primary'),
      ),
    ]
  }
  const rows = [...parts.status.peers].sort(byName).map((peer) => ({
    key: peer.peer_id,
    cells: cellsOf(peer, parts, actions),
  }))
  return [
    h('div', { class: 'heading' }, h('h1', {}, 'Peers'), add('plain')),
    h('div', { class: 'card flush' }, table({ caption: 'Nodes this one knows', columns: COLUMNS, rows })),
    h('p', { class: 'hint' }, 'What is lacking counts the events of shared guilds, as of the last sync.'),
  ]
}

/** Not by state: a row that jumps away while somebody reaches for its button is worse than an unsorted one. */
const byName = (left: NodePeer, right: NodePeer): number =>
  (left.name ?? '').localeCompare(right.name ?? '') || left.peer_id.localeCompare(right.peer_id)

function cellsOf(peer: NodePeer, { status, now, canAct }: PeersParts, actions: PeerActions): Child[] {
  const { weLack, theyLack } = lagOf(peer)
  return [
    h(
      'div',
      { class: 'who' },
      peer.name !== undefined && h('strong', {}, peer.name),
      copyable(actions, { what: 'peer id', text: peer.peer_id, short: shortPeerId(peer.peer_id) }),
    ),
    statePill(peer),
    moment(peer.last_synced_at, now),
    lag(weLack),
    lag(theyLack),
    addresses(peer),
    rowActions(peer, { name: nodeName(peer.peer_id, status), canAct }, actions),
  ]
}

const TONES: Readonly<Record<PeerState, 'good' | 'quiet' | 'bad'>> = {
  connected: 'good',
  away: 'quiet',
  blocked: 'bad',
}

function statePill(peer: NodePeer): View {
  const state = peerState(peer)
  const seen = peer.last_seen_at === undefined ? 'never seen' : `last seen ${fullTime(peer.last_seen_at)}`
  return h('span', { title: seen }, pill(TONES[state], state))
}

const moment = (time: string | undefined, now: number): Child =>
  time === undefined
    ? h('span', { class: 'soft' }, 'never')
    : h('time', { datetime: time, title: fullTime(time) }, ago(time, now))

const lag = (events: number): View => h('span', { class: events > 0 ? 'warn-text' : 'soft' }, count(events))

function addresses(peer: NodePeer): Child {
  const all = [...new Set([...(peer.address === undefined ? [] : [bare(peer.address)]), ...peer.addresses.map(bare)])]
  const [first, ...rest] = all
  if (first === undefined) return h('span', { class: 'soft' }, 'none known')
  const list = (items: readonly string[]) => items.map((text) => h('code', { class: 'address', key: text }, text))
  if (rest.length === 0) return list([first])
  return [list([first]), h('details', { class: 'more' }, h('summary', {}, `${rest.length} more`), list(rest))]
}

const bare = (address: string): string => address.replace(/\/p2p\/.*$/, '')

function rowActions(peer: NodePeer, context: { name: string; canAct: boolean }, actions: PeerActions): View {
  const { peer_id: peerId } = peer
  const disabled = !context.canAct
  const act = (verb: string, onClick: () => unknown, look: 'plain' | 'danger' = 'plain') =>
    button(verb, { look, disabled, onClick, label: `${verb} ${context.name}` })
  const choices = peer.blocked
    ? [act('Unblock', () => actions.unblock(peerId))]
    : [
        act('Forget', () => actions.open({ kind: 'forget', peerId })),
        act('Block', () => actions.open({ kind: 'block', peerId }), 'danger'),
      ]
  return h('div', { class: 'row tight' }, choices)
}

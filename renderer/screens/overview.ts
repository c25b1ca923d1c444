import type { NodeStatusBody, UserBody } from '../../node/api/admin/shapes.ts'
import { button, copyable, facts, pill } from '../components/controls.ts'
import { type Child, h, type View } from '../components/view.ts'
import type { Actions } from '../state/actions.ts'
import { count, duration, fullTime } from '../state/format.ts'
import type { Finding, Health, Tone } from '../state/health.ts'

export interface OverviewParts {
  status: NodeStatusBody
  users: readonly UserBody[] | undefined
  health: Health
  now: number
  /** False while the node does not answer. */
  canAct: boolean
}

export function overview(parts: OverviewParts, actions: Pick<Actions, 'open' | 'copy'>): Child {
  const { status, health } = parts
  return [
    h(
      'section',
      { class: `verdict ${health.tone}` },
      h('h1', {}, health.sentence),
      h('ul', { class: 'findings' }, health.findings.filter(({ tone }) => tone === 'warn').map(findingItem)),
    ),
    status.guilds.length === 0 && firstSteps(parts, actions),
    figures(parts),
    h('div', { class: 'columns' }, nodeCard(status, actions), partsCard(status)),
  ]
}

const findingItem = ({ text, advice }: Finding): View =>
  h('li', { key: text }, text, advice !== undefined && h('span', { class: 'soft' }, ` ${advice}`))

function figures({ status, now }: OverviewParts): View {
  const peers = status.peers.filter((peer) => !peer.blocked)
  const complete = status.guilds.filter((guild) => guild.complete).length
  const events = status.guilds.reduce((total, guild) => total + guild.events, 0)
  return facts(
    [
      ['Guilds complete', outOf(complete, status.guilds.length)],
      ['Peers connected', outOf(peers.filter((peer) => peer.connected).length, peers.length)],
      ['Events held', count(events)],
      ['Up for', duration(now - Date.parse(status.started_at))],
    ],
    'figures',
  )
}

const outOf = (part: number, all: number): Child => [count(part), h('span', { class: 'of' }, ` of ${count(all)}`)]

/** The way to a first guild, with what is done already ticked off. */
function firstSteps({ users, canAct }: OverviewParts, actions: Pick<Actions, 'open'>): View {
  const hasUser = users !== undefined && users.length > 0
  const add = () => actions.open({ kind: 'add-user' })
  const join = () => actions.open({ kind: 'join' })
  return h(
    'section',
    { class: 'card steps' },
    h('h2', {}, 'First steps'),
    h(
      'ol',
      {},
      step(
        'Add an account',
        'The first one owns this node.',
        hasUser ? pill('good', 'done') : button('Add account', { look: 'primary', disabled: !canAct, onClick: add }),
      ),
      step(
        'Join a guild',
        'Somebody sent you a link that begins with openguild://join/',
        button('Join with a link', {
          look: hasUser ? 'primary' : 'plain',
          disabled: !canAct || !hasUser,
          onClick: join,
        }),
      ),
      step(
        'Or make your own',
        'Sign in to this node with an OpenGuild client and create it.',
        h('a', { class: 'button plain', href: '/docs' }, 'API of this node'),
      ),
    ),
  )
}

const step = (title: string, text: string, action: View): View =>
  h('li', { key: title }, h('div', { class: 'step' }, h('p', {}, h('strong', {}, title), ` ${text}`), action))

function nodeCard(status: NodeStatusBody, actions: Pick<Actions, 'copy'>): View {
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, 'This node'),
    facts([
      ['Name', status.name],
      ['Peer id', copyable(actions, { what: 'peer id', text: status.peer_id })],
      ['API', copyable(actions, { what: 'API address', text: status.api_address })],
      ['Reachable at', addresses(status, actions)],
      ['Data', h('code', {}, status.data_dir)],
      ['Version', status.version],
      ['Running since', h('time', { datetime: status.started_at }, fullTime(status.started_at))],
    ]),
  )
}

function addresses({ p2p_addresses: all }: NodeStatusBody, actions: Pick<Actions, 'copy'>): Child {
  if (all.length === 0) return 'Nowhere: federation is off, other nodes cannot connect.'
  return h(
    'ul',
    { class: 'plain-list' },
    all.map((text) =>
      h('li', { key: text }, copyable(actions, { what: 'address', text, short: text.replace(/\/p2p\/.*$/, '') })),
    ),
  )
}

function partsCard({ parts }: NodeStatusBody): View {
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, 'Health of its parts'),
    h(
      'ul',
      { class: 'parts' },
      parts.map((part) =>
        h(
          'li',
          { key: part.name },
          h('span', { class: 'part-name' }, part.name),
          pill(toneOf(part.status), part.status),
          part.details !== undefined && h('p', { class: 'soft' }, part.details),
        ),
      ),
    ),
  )
}

function toneOf(status: string): Tone {
  if (status === 'ready') return 'good'
  return status === 'failed' ? 'bad' : 'warn'
}

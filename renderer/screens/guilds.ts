import type { NodeGuild, NodeStatusBody } from '../../node/api/admin/shapes.ts'
import { button, copyable, empty, facts, pill } from '../components/controls.ts'
import { table } from '../components/table.ts'
import { type Child, h, type View } from '../components/view.ts'
import type { Actions } from '../state/actions.ts'
import { count, countOf, shortHash } from '../state/format.ts'
import { completeness, nodeName } from '../state/health.ts'

export interface GuildsParts {
  status: NodeStatusBody
  canAct: boolean
}

type GuildActions = Pick<Actions, 'open' | 'copy'>

export function guilds({ status, canAct }: GuildsParts, actions: GuildActions): Child {
  const join = () => button('Join with a link', { disabled: !canAct, onClick: () => actions.open({ kind: 'join' }) })
  if (status.guilds.length === 0) {
    return [
      h('div', { class: 'heading' }, h('h1', {}, 'Guilds')),
      empty(
        'No guild on this node yet',
        'Join one with a link from a friend, or sign in to this node with an OpenGuild client and create your own.',
        join(),
      ),
    ]
  }
  return [
    h('div', { class: 'heading' }, h('h1', {}, 'Guilds'), join()),
    status.guilds.map((guild) => guildCard(guild, { status, canAct }, actions)),
  ]
}

function guildCard(guild: NodeGuild, { status, canAct }: GuildsParts, actions: GuildActions): View {
  const titleId = `guild-${guild.guild_id}`
  return h(
    'section',
    { class: 'card guild', key: guild.guild_id, 'aria-labelledby': titleId },
    h(
      'div',
      { class: 'card-head' },
      h('h2', { id: titleId }, guild.name),
      pill(guild.complete ? 'good' : 'warn', completeness(guild, status)),
      guild.diverged.length > 0 && pill('bad', 'diverged'),
      guild.equivocated.length > 0 && pill('bad', 'equivocation'),
      button('Invite', {
        look: 'tinted',
        label: `Invite somebody to ${guild.name}`,
        disabled: !canAct,
        onClick: () => actions.open({ kind: 'invite', guildId: guild.guild_id, made: undefined }),
      }),
    ),
    facts(
      [
        ['Members', count(guild.members)],
        ['Nodes', h('span', { title: guild.nodes.join('\n') }, nodeList(guild, status))],
        ['Events', [count(guild.events), guild.waiting > 0 && ` and ${count(guild.waiting)} waiting`]],
        [
          'State hash',
          copyable(actions, { what: 'state hash', text: guild.state_hash, short: shortHash(guild.state_hash) }),
        ],
      ],
      'facts wide',
    ),
    channels(guild),
  )
}

const SHOWN_NODES = 4

function nodeList(guild: NodeGuild, status: NodeStatusBody): string {
  const isSelf = (peerId: string) => peerId === status.peer_id
  const selfFirst = [...guild.nodes.filter(isSelf), ...guild.nodes.filter((peerId) => !isSelf(peerId))]
  const names = selfFirst.map((peerId) => nodeName(peerId, status))
  const hidden = names.length - SHOWN_NODES
  return hidden > 0 ? `${names.slice(0, SHOWN_NODES).join(', ')} and ${hidden} more` : names.join(', ')
}

/** Longer lists are folded, so that the next guild stays in sight. */
const OPEN_CHANNELS = 6

function channels(guild: NodeGuild): Child {
  if (guild.channels.length === 0)
    return h('p', { class: 'soft' }, 'No channel yet. Clients with the right role make them.')
  const rows = guild.channels.map((channel) => ({
    key: channel.channel_id,
    cells: [
      h('span', { class: 'channel', title: channel.channel_id }, channel.name),
      count(channel.latest_sequence),
      channel.complete ? 'complete' : h('span', { class: 'warn-text' }, 'incomplete'),
    ],
  }))
  return h(
    'details',
    { open: guild.channels.length <= OPEN_CHANNELS, key: 'channels' },
    h('summary', {}, countOf(guild.channels.length, 'channel')),
    table({
      caption: `Channels of ${guild.name}`,
      columns: ['Channel', 'Latest sequence', 'History'],
      rows,
      kind: 'short',
    }),
  )
}

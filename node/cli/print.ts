import type { NodeStatusBody } from '../api/admin/status.ts'

/** Rows as text columns, each as wide as its widest cell. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (known, row) => row.map((cell, index) => Math.max(known[index] ?? 0, cell.length)),
    [],
  )
  return rows
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export function statusText(status: NodeStatusBody): string {
  return [
    columns([
      ['node', `${status.name} (${status.version})`],
      ['peer id', status.peer_id],
      ['api', status.api_address],
      ['data', status.data_dir],
      ...status.p2p_addresses.map((address) => ['p2p', address]),
      ...status.parts
        .filter((part) => part.status !== 'ready')
        .map((part) => [part.name, `${part.status} ${part.details ?? ''}`]),
    ]),
    ...status.guilds.map(guildText),
    peersText(status.peers),
  ].join('\n\n')
}

function guildText(guild: NodeStatusBody['guilds'][number]): string {
  return [
    columns([
      ['guild', `${guild.name}  ${guild.guild_id}`],
      ['members', `${guild.members} on ${guild.nodes.length} nodes`],
      ['events', `${guild.events}, ${completeness(guild)}`],
      ['state hash', guild.state_hash],
      ...clockRows(guild),
      ...guild.diverged.map((peer) => ['DIVERGED', `${peer} holds the same events and another state`]),
      ...guild.equivocated.map((origin) => ['EQUIVOCATED', `${origin} wrote two events after the same one`]),
    ]),
    columns([
      ['  head', 'position', 'event'],
      ...guild.heads.map((head) => [`  ${head.origin}`, String(head.position), head.event_id]),
    ]),
    columns([
      ['  channel', 'messages', ''],
      ...guild.channels.map((channel) => [
        `  ${channel.name}  ${channel.channel_id}`,
        String(channel.latest_sequence),
        channel.complete ? 'complete' : 'incomplete',
      ]),
    ]),
  ].join('\n')
}

function clockRows({ clock_ahead_secs: seconds }: NodeStatusBody['guilds'][number]): string[][] {
  if (seconds === undefined) return []
  return [['CLOCK', `events wait that are ${seconds} s ahead: this clock is behind, or that of their node is ahead`]]
}

function completeness(guild: NodeStatusBody['guilds'][number]): string {
  if (guild.complete) return 'complete'
  return `${guild.lacking} missing, held by ${guild.held_by.join(', ') || 'nobody we know'}`
}

export function peersText(peers: NodeStatusBody['peers']): string {
  if (peers.length === 0) return 'no peers known'
  return columns([
    ['peer', 'state', 'last synced', 'we lack', 'they lacked'],
    ...peers.map((peer) => [
      peer.peer_id,
      peer.blocked ? 'blocked' : peer.connected ? 'connected' : 'away',
      peer.last_synced_at ?? 'never',
      String(peer.guilds.reduce((total, guild) => total + guild.lacking, 0)),
      String(peer.guilds.reduce((total, guild) => total + guild.ahead, 0)),
    ]),
  ])
}

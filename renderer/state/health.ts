import type { NodeGuild, NodePeer, NodeStatusBody } from '../../node/api/admin/shapes.ts'
import { countOf, shortPeerId } from './format.ts'

export type Tone = 'good' | 'warn' | 'bad'

/** Something the owner of the node should know. `bad` ones are alarms. */
export interface Finding {
  tone: 'warn' | 'bad'
  text: string
  advice: string | undefined
}

export interface Health {
  tone: Tone
  /** One sentence for the top of the page. */
  sentence: string
  findings: Finding[]
}

type Words = Pick<NodeStatusBody, 'peer_id' | 'name' | 'peers'>

/** What people call a node: its name where it told one, with its id where others go by the same. */
export function nodeName(peerId: string, { peer_id: self, name: ownName, peers }: Words): string {
  if (peerId === self) return 'this node'
  const name = peers.find((peer) => peer.peer_id === peerId)?.name
  if (name === undefined) return shortPeerId(peerId)
  const isShared = name === ownName || peers.filter((peer) => peer.name === name).length > 1
  return isShared ? `${name} (${shortPeerId(peerId)})` : name
}

/** `complete`, or how much is missing and who has it. */
export function completeness(guild: Pick<NodeGuild, 'complete' | 'lacking' | 'held_by'>, words: Words): string {
  if (guild.complete) return 'complete'
  const holders = guild.held_by.map((peerId) => nodeName(peerId, words))
  return `${countOf(guild.lacking, 'event')} missing, held by ${holders.join(', ') || 'nobody we know'}`
}

export type PeerState = 'connected' | 'away' | 'blocked'

export function peerState(peer: Pick<NodePeer, 'blocked' | 'connected'>): PeerState {
  if (peer.blocked) return 'blocked'
  return peer.connected ? 'connected' : 'away'
}

/** Events the peer has and we lack, and the other way round, over all guilds we share. */
export function lagOf({ guilds }: Pick<NodePeer, 'guilds'>): { weLack: number; theyLack: number } {
  const sum = (pick: (guild: NodePeer['guilds'][number]) => number) =>
    guilds.reduce((total, guild) => total + pick(guild), 0)
  return { weLack: sum((guild) => guild.lacking), theyLack: sum((guild) => guild.ahead) }
}

export function healthOf(status: NodeStatusBody): Health {
  const findings = [
    ...status.guilds.flatMap((guild) => alarmsOf(guild, status)),
    ...partFindings(status),
    ...status.guilds.filter((guild) => !guild.complete).map((guild) => missing(guild, status)),
  ].sort((left, right) => rank(left) - rank(right))
  const tone = findings[0]?.tone ?? 'good'
  return { tone, sentence: sentenceOf(status, findings), findings }
}

const rank = ({ tone }: Finding): number => (tone === 'bad' ? 0 : 1)

/** What must never happen in a guild. */
function alarmsOf(guild: Pick<NodeGuild, 'name' | 'diverged' | 'equivocated'>, words: Words): Finding[] {
  return [
    ...guild.diverged.map((peerId): Finding => ({
      tone: 'bad',
      text: `${guild.name} has diverged: ${nodeName(peerId, words)} holds the same events and another state.`,
      advice: 'Run the same version on both nodes. If it stays, report it with both state hashes.',
    })),
    ...guild.equivocated.map((origin): Finding => ({
      tone: 'bad',
      text: `${nodeName(origin, words)} wrote two different events in the same place of ${guild.name}.`,
      advice: 'Its data directory may run on two computers at once. Ask its owner; block it if you do not trust it.',
    })),
  ]
}

const partFindings = ({ parts }: Pick<NodeStatusBody, 'parts'>): Finding[] =>
  parts
    .filter((part) => part.status !== 'ready')
    .map((part) => ({
      tone: part.status === 'failed' ? 'bad' : 'warn',
      text: `${part.name} is ${part.status}${part.details === undefined ? '' : `: ${part.details}`}.`,
      advice: undefined,
    }))

const missing = (guild: NodeGuild, status: NodeStatusBody): Finding => ({
  tone: 'warn',
  text: `${guild.name}: ${completeness(guild, status)}.`,
  advice:
    guild.held_by.length === 0 ? 'They arrive when a node that has them comes online.' : 'They arrive by themselves.',
})

function sentenceOf(status: NodeStatusBody, findings: readonly Finding[]): string {
  const alarms = findings.filter(({ tone }) => tone === 'bad').length
  if (alarms > 0) return `${countOf(alarms, 'thing needs', 'things need')} your attention.`
  if (findings.length > 0) return `Running, with ${countOf(findings.length, 'thing')} to know.`
  if (status.guilds.length === 0) return 'Running, and waiting for its first guild.'
  return `All good: ${countOf(status.guilds.length, 'guild')} complete, ${connectedText(status)}.`
}

function connectedText({ peers }: Pick<NodeStatusBody, 'peers'>): string {
  const wanted = peers.filter((peer) => !peer.blocked)
  if (wanted.length === 0) return 'no other node known yet'
  const connected = wanted.filter((peer) => peer.connected).length
  return `${connected} of ${countOf(wanted.length, 'peer')} connected`
}

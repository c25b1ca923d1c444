import type { ChannelId, EventId, GuildId, ServerName, UserId } from '../../base/ids.ts'
import type { LawEventType, TimelineEventType } from '../../events/schema/event.ts'
import type { ForeignEvent } from './adopt.ts'
import type { GuildState } from '../../events/state/guild-state.ts'
import type { Resolved } from '../../events/state/law.ts'

/** An event of the log as this node keeps it. */
export interface StoredEvent {
  /** Order of arrival at this node; the feed's position. */
  stream: number
  eventId: EventId
  guildId: GuildId
  origin: ServerName
  position: number
  /** Guild id for law events, channel id for timeline events. */
  roomId: string
  eventType: string
  isLaw: boolean
  /** Place in the channel for this node's clients, from 1; null when it is not shown (law, or refused). */
  sequence: number | null
  /** The event as received or sent: the wire form, JSON text without raw newlines. */
  body: string
}

/** What a local user wants to say. The timeline adds links, clock, `content.log`, id and signature. */
export interface Draft {
  guildId: GuildId
  eventType: Exclude<LawEventType, 'guild.create'> | TimelineEventType
  /** Guild id for law events, channel id for timeline events. */
  roomId: string
  sender: UserId
  /** Has the shape of its type but for `log`, which the timeline adds. */
  content: Record<string, unknown>
  /** The client's own id for this request: the same again gives the first answer. */
  txnId?: string
}

export interface SentEvent extends StoredEvent {
  originTs: number
}

/** Where the log of one origin ends. An equivocated log has more than one tip. */
export interface LogTip {
  origin: ServerName
  position: number
  eventId: EventId
}

export type ReceiveOutcome =
  | { kind: 'accepted'; eventId: EventId }
  | { kind: 'duplicate'; eventId: EventId }
  /** Kept in the waiting table until what is missing arrives: event ids, or `time:<ms>`. */
  | { kind: 'waiting'; eventId: EventId; missing: string[] }
  /** Stored, passed on, without effect: the law at its auth_events refuses it. */
  | { kind: 'refused'; eventId: EventId; code: string }
  /** Never stored: its bytes are wrong, or it breaks a rule every node judges alike. */
  | { kind: 'rejected'; reason: string }

export interface GuildView {
  guildId: GuildId
  state: GuildState
  /** Hex BLAKE3 of the law state. */
  stateHash: string
  lawHeads: readonly EventId[]
  tips: readonly LogTip[]
  events: number
  waiting: number
  /** Origins that were seen to write two different events after the same one. */
  equivocated: readonly ServerName[]
}

export interface Timeline {
  /** Signs and stores a `guild.create`. Throws `forbidden`, `storage_full`. */
  createGuild(draft: { sender: UserId; username: string; name: string }): Promise<SentEvent>
  /** Authorises, links, signs and stores; settles when it is durable. Throws `forbidden`, `not_found`, `storage_full`. */
  send(draft: Draft): Promise<SentEvent>
  /**
   * Takes events of one guild from another node: bytes and signature are checked off the event loop, then they are
   * placed in the graph. One outcome per text, in order. Never throws for what a peer sent.
   */
  receive(guildId: GuildId, texts: readonly string[], from: ServerName): Promise<ReceiveOutcome[]>
  /** Allows a guild this node does not hold yet to be received (while joining it). */
  expect(guildId: GuildId): void

  /** Shows a genuine event of an HTTP-only server in a channel held here; again has no effect. Throws `not_found`. */
  adopt(channelId: ChannelId, foreign: ForeignEvent): Promise<void>

  guildIds(): GuildId[]
  findGuild(guildId: GuildId): GuildView | undefined
  /** Law state of a guild held here, or undefined. Cheap: for every request. */
  stateOf(guildId: GuildId): GuildState | undefined
  guildOfChannel(channelId: ChannelId): GuildId | undefined
  /** What the law says today about a law event held here; undefined for others. */
  verdictOf(guildId: GuildId, eventId: EventId): ReturnType<Resolved['verdictOf']>

  /**
   * Milliseconds by which the earliest event that waits for its time is later than our clock; 0 when none waits. Either our
   * clock is behind or that of its author ahead. Also of a guild that is only expected.
   */
  aheadOfClock(guildId: GuildId): number

  /** Tips of every log of the guild, for the sync hello. */
  tips(guildId: GuildId): LogTip[]
  /** Pages of events the holder of `theirTips` lacks, parents before children. Tips unknown here are passed over. */
  missingFor(guildId: GuildId, theirTips: readonly LogTip[]): Generator<StoredEvent[], void, void>
  findEvent(eventId: EventId): StoredEvent | undefined
  /** Newest `limit` shown events of a channel (ascending), or with `since` the oldest `limit` after that sequence. */
  page(channelId: ChannelId, query: { limit: number; since?: number }): StoredEvent[]
  /** Highest sequence of a channel, 0 when empty. */
  latestSequence(channelId: ChannelId): number

  /** Once after a start: places what a crash left waiting although it had all it needs. */
  recover(): Promise<void>
  /** From time to time: takes events whose time has come, forgets what waited for a day. */
  tidy(): Promise<void>
}

export interface FeedPage {
  events: StoredEvent[]
  /** Follow on from here. */
  stream: number
}

export interface Feed {
  /** Stream of the newest committed event. */
  latest(): number
  /** Pages of events after a position, for ever, in stream order; ends when the signal aborts. */
  follow(after: number, signal: AbortSignal): AsyncGenerator<FeedPage, void, void>
}

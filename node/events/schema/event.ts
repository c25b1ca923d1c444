import type { EventId, GuildId, ServerName, UserId } from '../../base/ids.ts'
import { LAW_CONTENT, type LawContent, TIMELINE_CONTENT, type TimelineContent, type UnknownContent } from './content.ts'

/** Server name -> `ed25519:<key id>` -> signature in standard padded base64. */
export type Signatures = Readonly<Record<string, Readonly<Record<string, string>>>>

/**
 * The canonical event v1 with its wire spelling (contract 5.1), whoever made it. `content` may hold any JSON value; numbers
 * that a double can not hold exactly are rounded here, so ids are computed from the received text and never from this object.
 */
export interface WireEvent {
  readonly schema_version: number
  readonly event_id: string
  readonly origin_server: string
  readonly room_id: string
  readonly event_type: string
  readonly sender: string
  /** Milliseconds since the Unix epoch; ours is a hybrid logical clock. */
  readonly origin_ts: number
  readonly content: unknown
  readonly prev_events: readonly string[]
  readonly auth_events: readonly string[]
  readonly signatures: Signatures
}

/** A guild event whose bytes were checked (`check-guild-event.ts`). Says nothing about signature, parents or law. */
interface GuildEnvelope<Type extends string, Content> extends WireEvent {
  readonly event_id: EventId
  readonly origin_server: ServerName
  readonly event_type: Type
  /** A user of the origin; also for `node.keys`, which any member of the node may carry. */
  readonly sender: UserId
  readonly content: Content
  readonly prev_events: readonly EventId[]
  readonly auth_events: readonly EventId[]
}

export type LawEventType = keyof LawContent
export type TimelineEventType = keyof TimelineContent

/** One law event type, e.g. `LawEventOf<'member.ban'>`. Its `room_id` is the guild id. */
export type LawEventOf<Type extends LawEventType> = GuildEnvelope<Type, LawContent[Type]>
/** Narrowing on `event_type` gives the content of that type. */
export type LawEvent = { [Type in LawEventType]: LawEventOf<Type> }[LawEventType]
/** Its `room_id` is the channel id. */
export type TimelineEvent = {
  [Type in TimelineEventType]: GuildEnvelope<Type, TimelineContent[Type]>
}[TimelineEventType]
/** A type this version does not know: stored and passed on, without any effect. */
export type UnknownEvent = GuildEnvelope<string, UnknownContent>
/** Use `isLawEvent` and `isTimelineEvent` to tell them apart. */
export type GuildEvent = LawEvent | TimelineEvent | UnknownEvent

export const isLawType = (type: string): type is LawEventType => Object.hasOwn(LAW_CONTENT, type)
export const isTimelineType = (type: string): type is TimelineEventType => Object.hasOwn(TIMELINE_CONTENT, type)

export const LAW_EVENT_TYPES: readonly LawEventType[] = Object.keys(LAW_CONTENT).filter(isLawType)
export const TIMELINE_EVENT_TYPES: readonly TimelineEventType[] = Object.keys(TIMELINE_CONTENT).filter(isTimelineType)

export const isLawEvent = (event: GuildEvent): event is LawEvent => isLawType(event.event_type)
export const isTimelineEvent = (event: GuildEvent): event is TimelineEvent => isTimelineType(event.event_type)

/** The guild whose log holds the event. */
export function guildIdOf(event: GuildEvent): GuildId {
  const { log } = event.content
  return 'guild_id' in log && log.guild_id !== undefined ? log.guild_id : (event.room_id as GuildId)
}

/**
 * Whether the event belongs to a channel rather than to the law. The log says so, not the type: law events of types this
 * version does not know still link the law graph together.
 */
export const isTimelineRoom = (event: GuildEvent): boolean => guildIdOf(event) !== event.room_id

/** 1 for the first event of this origin in this guild, then counting. */
export const positionOf = (event: GuildEvent): number => event.content.log.position

import type { ServerName, UserId } from '../../base/ids.ts'
import type { LawContent, TimelineContent } from '../schema/content.ts'
import { isLawType, isTimelineType, type LawEventType, type TimelineEventType } from '../schema/event.ts'
import { type MemberKey, memberKey } from '../state/guild-state.ts'

/**
 * What the law looks at in an event: neither links nor signatures, and of `content.log` only the guild of a timeline event.
 * Every `GuildEvent` is an act; so is a draft that has no place in the log yet.
 */
interface ActOf<Type extends string, Content> {
  readonly event_type: Type
  readonly sender: UserId
  readonly origin_server: ServerName
  readonly room_id: string
  /** Milliseconds since the Unix epoch. */
  readonly origin_ts: number
  readonly content: Content
}

type InGuild<Content> = Omit<Content, 'log'> & { readonly log: { readonly guild_id: string } }

type LawActs = { readonly [Type in LawEventType]: ActOf<Type, Omit<LawContent[Type], 'log'>> }
type TimelineActs = { readonly [Type in TimelineEventType]: ActOf<Type, InGuild<TimelineContent[Type]>> }

export type LawAct<Type extends LawEventType = LawEventType> = LawActs[Type]
export type TimelineAct<Type extends TimelineEventType = TimelineEventType> = TimelineActs[Type]
export type Act = LawAct | TimelineAct | ActOf<string, object>

export const isLawAct = (act: Act): act is LawAct => isLawType(act.event_type)
export const isTimelineAct = (act: Act): act is TimelineAct => isTimelineType(act.event_type)

/** Every sender acts for its own node only. */
export const actorOf = (act: Pick<Act, 'sender' | 'origin_server'>): MemberKey =>
  memberKey(act.sender, act.origin_server)

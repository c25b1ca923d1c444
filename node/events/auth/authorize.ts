import type { GuildState } from '../state/guild-state.ts'
import { type Act, isLawAct, isTimelineAct, type LawAct, type TimelineAct } from './act.ts'
import { checkIsMember } from './checks.ts'
import type { RuledType } from './rule.ts'
import { RULES } from './rules.ts'
import { checkGenesis } from './rules/guild.ts'
import { checkMessage } from './rules/message.ts'
import { ALLOWED, refuse, type Refusal, type Verdict } from './verdict.ts'

/**
 * The one law, for local drafts and remote events, law and timeline alike: may this happen in a guild that is in this state?
 * `state` is undefined before the guild's `guild.create`. Pure: the same act and state give the same verdict everywhere.
 * Every sender acts for its own node only: who acts is the pair of sender and origin.
 */
export const authorize = (act: Act, state: GuildState | undefined): Verdict => check(act, state) ?? ALLOWED

function check(act: Act, state: GuildState | undefined): Refusal | undefined {
  if (isLawAct(act)) return act.event_type === 'guild.create' ? checkGenesis(act, state) : checkLaw(act, state)
  if (isTimelineAct(act)) return checkTimeline(act, state)
  return refuse('unknown_type', 'This version does not know events of this type.')
}

function checkLaw<Type extends RuledType>(act: LawAct<Type>, state: GuildState | undefined): Refusal | undefined {
  if (!state) return NO_GUILD
  if (act.room_id !== state.guildId) return WRONG_GUILD
  // Who joins is no member yet.
  const stranger = act.event_type === 'member.join' ? undefined : checkIsMember(act, state)
  return stranger ?? RULES[act.event_type].check(act, state)
}

function checkTimeline(act: TimelineAct, state: GuildState | undefined): Refusal | undefined {
  if (!state) return NO_GUILD
  if (act.content.log.guild_id !== state.guildId) return WRONG_GUILD
  return checkIsMember(act, state) ?? checkMessage(act, state)
}

const NO_GUILD = refuse('no_guild', 'The guild does not exist yet.')
const WRONG_GUILD = refuse('wrong_guild', 'The event is of another guild.')

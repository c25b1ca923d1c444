import type { LawEvent, LawEventOf } from '../schema/event.ts'
import type { GuildState } from '../state/guild-state.ts'
import type { RuledType } from './rule.ts'
import { RULES } from './rules.ts'
import { genesisState } from './rules/guild.ts'

/**
 * The state after a law event that `authorize` allowed in `state`. Shares what did not change; `state` stays as it was.
 * Throws for a first event that is no `guild.create`.
 */
export function apply(event: LawEvent, state: GuildState | undefined): GuildState {
  if (event.event_type === 'guild.create') return genesisState(event)
  if (!state) throw new Error(`${event.event_type} before guild.create was not authorized`)
  return applyRule(event, state)
}

const applyRule = <Type extends RuledType>(event: LawEventOf<Type>, state: GuildState): GuildState =>
  RULES[event.event_type].apply(event, state)

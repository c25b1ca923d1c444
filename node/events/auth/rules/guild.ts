import { DEFAULT_ROLES, OWNER_ROLE_ID } from '../../permissions.ts'
import { guildIdOf, type LawEventOf } from '../../schema/event.ts'
import type { GuildState } from '../../state/guild-state.ts'
import { PersistentMap } from '../../state/persistent-map.ts'
import { actorOf, type LawAct } from '../act.ts'
import { checkIsAuthor, checkName, checkPermission } from '../checks.ts'
import type { Rule } from '../rule.ts'
import { refuse, type Refusal } from '../verdict.ts'

/** The first event of a guild, and only the first. That its room is its own id is a matter of its bytes. */
export function checkGenesis(act: LawAct<'guild.create'>, state: GuildState | undefined): Refusal | undefined {
  if (state) return refuse('guild_exists', 'The guild exists already.')
  return checkIsAuthor(act) ?? checkName(act.content.name)
}

export function genesisState(event: LawEventOf<'guild.create'>): GuildState {
  const owner = actorOf(event)
  const founder = {
    userId: event.sender,
    serverName: event.origin_server,
    username: event.content.author.username,
    roles: [OWNER_ROLE_ID],
    joinedAt: event.origin_ts,
    joinEvent: event.event_id,
  }
  return {
    guildId: guildIdOf(event),
    name: event.content.name,
    createdAt: event.origin_ts,
    owner,
    roles: PersistentMap.of(DEFAULT_ROLES.map(({ role_id: roleId, ...rest }) => [roleId, { roleId, ...rest }])),
    members: PersistentMap.of([[owner, founder]]),
    bans: PersistentMap.of(),
    invited: PersistentMap.of(),
    channels: PersistentMap.of(),
    invites: PersistentMap.of(),
    nodeKeys: PersistentMap.of(),
  }
}

export const guildUpdate: Rule<'guild.update'> = {
  check: (act, state) =>
    checkPermission(act, state, 'manage_guild') ??
    (act.content.name === undefined ? undefined : checkName(act.content.name)),
  apply: (event, state) => ({ ...state, name: event.content.name ?? state.name }),
}

import { channelCreate, channelDelete, channelUpdate } from './rules/channel.ts'
import { guildUpdate } from './rules/guild.ts'
import { inviteCreate, inviteRevoke } from './rules/invite.ts'
import { memberInvite, memberJoin, memberLeave, memberRoles } from './rules/member.ts'
import { memberBan, memberKick, memberUnban } from './rules/moderation.ts'
import { nodeKeys } from './rules/node-keys.ts'
import { roleDelete, rolePut } from './rules/role.ts'
import type { Rule, RuledType } from './rule.ts'

/** The whole law of an existing guild: a type without a rule does not compile. */
export const RULES: { readonly [Type in RuledType]: Rule<Type> } = {
  'guild.update': guildUpdate,
  'channel.create': channelCreate,
  'channel.update': channelUpdate,
  'channel.delete': channelDelete,
  'role.put': rolePut,
  'role.delete': roleDelete,
  'member.join': memberJoin,
  'member.leave': memberLeave,
  'member.invite': memberInvite,
  'member.kick': memberKick,
  'member.ban': memberBan,
  'member.unban': memberUnban,
  'member.roles': memberRoles,
  'invite.create': inviteCreate,
  'invite.revoke': inviteRevoke,
  'node.keys': nodeKeys,
}

import type { Act } from '../../../../node/events/auth/act.ts'
import { authorize } from '../../../../node/events/auth/authorize.ts'
import type { RefusalCode } from '../../../../node/events/auth/verdict.ts'
import { permissionBits } from '../../../../node/events/permissions.ts'
import type { GuildState } from '../../../../node/events/state/guild-state.ts'
import { guildOf } from '../../../kit/guild-graph.ts'
import { person } from '../../../kit/test-node.ts'

/** One of each default role, a second admin, and the two who are outside. */
export const owner = person('owner')
export const admin = person('admin')
export const otherAdmin = person('other-admin')
export const moderator = person('moderator')
export const maintainer = person('maintainer')
export const member = person('member')
export const contributor = person('contributor')
export const viewer = person('viewer')
export const guest = person('guest')
export const stranger = person('stranger')
export const banned = person('banned')
/** May manage roles and invite, holds nothing else, and ranks between moderator and maintainer. */
export const steward = person('steward')

/** A fresh guild with all of them and the channel `general`. */
export function staffedGuild() {
  const guild = guildOf(owner).withChannel('general')
  guild.act(owner, 'role.put', {
    role_id: 'steward',
    name: 'Steward',
    position: 450,
    permissions: permissionBits('manage_roles', 'create_invites', 'view_channel'),
  })
  for (const admins of [admin, otherAdmin]) guild.withMember(admins, { roles: ['admin'] })
  guild.withMember(steward, { roles: ['steward'] })
  for (const one of [moderator, maintainer, contributor, viewer, guest])
    guild.withMember(one, { roles: [one.username] })
  guild.withMember(member).withMember(banned)
  guild.act(owner, 'member.ban', { target: banned.ref, reason: 'spam' })
  guild.share()
  return guild
}

export type Answer = RefusalCode | 'allowed'

/** What the law says, in one word. */
export function answer(act: Act, state: GuildState | undefined): Answer {
  const verdict = authorize(act, state)
  return verdict.kind === 'allowed' ? 'allowed' : verdict.code
}

/** An Ed25519 public key nobody has the secret of. */
export const SOME_KEY = 'A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg'

import { describe, expect, it } from 'vitest'
import { ALL_PERMISSIONS, permissionBits } from '../../../../../node/events/permissions.ts'
import { permissionsOf, rankOf } from '../../../../../node/events/state/permissions-of.ts'
import { lawDraft } from '../../../../kit/drafts.ts'
import type { Person } from '../../../../kit/test-node.ts'
import {
  admin,
  answer,
  type Answer,
  member,
  otherAdmin,
  owner,
  staffedGuild,
  steward,
  stranger,
  viewer,
} from '../staff.ts'

const view = permissionBits('view_channel')
const kick = permissionBits('kick_members')
const future = 2 ** 20

describe('role.put', () => {
  const guild = staffedGuild()
  const state = guild.state()

  it.each<[string, Person, string, number, number, Answer]>([
    ['makes a role below the sender', steward, 'helper', 449, view, 'allowed'],
    ['makes none level with the sender', steward, 'helper', 450, view, 'role_not_grantable'],
    ['makes none above the sender', steward, 'helper', 451, view, 'role_not_grantable'],
    ['gives nothing the sender does not hold', steward, 'helper', 10, view | kick, 'role_not_grantable'],
    ['changes a default role below the sender', steward, 'viewer', 150, view, 'allowed'],
    [
      'may keep what the role has and the sender lacks',
      steward,
      'maintainer',
      400,
      state.roles.get('maintainer')?.permissions ?? 0,
      'allowed',
    ],
    ['may take away what the sender lacks', steward, 'maintainer', 400, 0, 'allowed'],
    ['does not touch a role above the sender', steward, 'moderator', 10, view, 'role_not_grantable'],
    ['does not touch the own role', steward, 'steward', 10, view, 'role_not_grantable'],
    ['does not raise a role to the sender', steward, 'viewer', 450, view, 'role_not_grantable'],
    ['lets an admin make what holds everything known', admin, 'second', 599, ALL_PERMISSIONS, 'allowed'],
    ['lets no admin give bits that only a later version knows', admin, 'second', 10, future, 'role_not_grantable'],
    ['lets the owner give bits that only a later version knows', owner, 'second', 699, future, 'allowed'],
    ['lets not even the owner make an equal', owner, 'second', 700, view, 'role_not_grantable'],
    ['lets not even the owner change the role of the owner', owner, 'owner', 700, ALL_PERMISSIONS, 'owner_untouchable'],
    ['lets nobody else change it either', admin, 'owner', 1, 0, 'owner_untouchable'],
  ])('%s', (_sentence, who, role_id, position, permissions, expected) => {
    const act = lawDraft(guild, who, 'role.put', { role_id, name: 'Role', position, permissions })

    expect(answer(act, state)).toBe(expected)
  })

  it('asks for a proper name', () => {
    const content = { role_id: 'helper', name: ' ', position: 1, permissions: 0 }

    expect(answer(lawDraft(guild, owner, 'role.put', content), state)).toBe('bad_name')
  })

  it('changes what holders of the role may do and how they rank', () => {
    const changed = staffedGuild()
    changed.act(owner, 'role.put', { role_id: 'viewer', name: 'Watch', position: 460, permissions: view | kick })

    expect(permissionsOf(changed.state(), viewer.key)).toBe(view | kick)
    expect(rankOf(changed.state(), viewer.key)).toBe(460)
  })
})

describe('role.delete', () => {
  const guild = staffedGuild()
  const state = guild.state()

  it.each<[Person, string, Answer]>([
    [steward, 'viewer', 'allowed'],
    [steward, 'steward', 'role_not_grantable'],
    [steward, 'moderator', 'role_not_grantable'],
    [owner, 'admin', 'allowed'],
    [owner, 'owner', 'owner_untouchable'],
    [owner, 'nothing', 'unknown_role'],
  ])('$username deletes %s: %s', (who, role_id, expected) => {
    expect(answer(lawDraft(guild, who, 'role.delete', { role_id }), state)).toBe(expected)
  })

  it('takes the role from everybody, so a later role of the same name is held by nobody', () => {
    const changed = staffedGuild()
    const invite = changed.invite(owner, { roles: ['viewer', 'guest'] })
    changed.act(owner, 'member.invite', { target: stranger.ref, roles: ['viewer', 'guest'] })

    changed.act(owner, 'role.delete', { role_id: 'viewer' })
    changed.act(owner, 'role.put', { role_id: 'viewer', name: 'Viewer', position: 600, permissions: ALL_PERMISSIONS })

    expect(changed.state().members.get(viewer.key)?.roles).toEqual([])
    expect(rankOf(changed.state(), viewer.key)).toBe(0)
    expect(changed.state().invites.get(invite.inviteId)?.roles).toEqual(['guest'])
    expect(changed.state().invited.get(stranger.key)?.roles).toEqual(['guest'])
  })
})

describe('member.roles', () => {
  const guild = staffedGuild()
  const state = guild.state()

  it.each<[string, Person, Person, readonly string[], Answer]>([
    ['gives a role below the sender', steward, viewer, ['viewer', 'guest'], 'allowed'],
    ['takes all roles away', steward, viewer, [], 'allowed'],
    ['gives no role with permissions the sender lacks', steward, viewer, ['contributor'], 'role_not_grantable'],
    ['gives no role level with the sender', steward, viewer, ['steward'], 'role_not_grantable'],
    ['gives no role above the sender', steward, viewer, ['moderator'], 'role_not_grantable'],
    ['may keep roles the sender could not give', steward, member, ['member', 'guest'], 'allowed'],
    ['gives no role that does not exist', admin, viewer, ['nothing'], 'unknown_role'],
    ['never makes a second owner', owner, viewer, ['owner'], 'role_not_grantable'],
    ['does not reach equals', admin, otherAdmin, [], 'outranked'],
    ['does not reach those above', steward, admin, [], 'outranked'],
    ['does not reach oneself', admin, admin, ['admin', 'moderator'], 'outranked'],
    ['does not reach the owner', admin, owner, [], 'owner_untouchable'],
    ['does not reach the owner through themselves', owner, owner, [], 'owner_untouchable'],
    ['needs the permission', viewer, viewer, [], 'missing_permission'],
  ])('%s', (_sentence, who, target, roles, expected) => {
    expect(answer(lawDraft(guild, who, 'member.roles', { target: target.ref, roles }), state)).toBe(expected)
  })

  it('is about members only', () => {
    const nobody = { user_id: viewer.userId, server_name: member.node.serverName }

    expect(answer(lawDraft(guild, owner, 'member.roles', { target: nobody, roles: [] }), state)).toBe('unknown_target')
  })

  it('keeps each role once, in one order', () => {
    const changed = staffedGuild()

    changed.act(owner, 'member.roles', { target: viewer.ref, roles: ['viewer', 'guest', 'viewer'] })

    expect(changed.state().members.get(viewer.key)?.roles).toEqual(['guest', 'viewer'])
  })
})

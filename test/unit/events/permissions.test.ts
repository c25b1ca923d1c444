import { describe, expect, it } from 'vitest'
import { ALL_PERMISSIONS, DEFAULT_ROLES, hasPermission, OWNER_ROLE_ID } from '../../../node/events/permissions.ts'

const who = (permission: Parameters<typeof hasPermission>[1]): string[] =>
  DEFAULT_ROLES.filter((role) => hasPermission(role.permissions, permission)).map((role) => role.role_id)

describe('the default roles', () => {
  it('have the ranks of the original times 100, highest first', () => {
    expect(DEFAULT_ROLES.map((role) => [role.role_id, role.position])).toEqual([
      ['owner', 700],
      ['admin', 600],
      ['moderator', 500],
      ['maintainer', 400],
      ['member', 300],
      ['contributor', 200],
      ['viewer', 100],
      ['guest', 0],
    ])
  })

  it('may post, make channels and manage the guild as the web client of the original shows it', () => {
    expect(who('send_messages')).toEqual(['owner', 'admin', 'moderator', 'maintainer', 'member', 'contributor'])
    expect(who('manage_channels')).toEqual(['owner', 'admin', 'moderator', 'maintainer'])
    expect(who('manage_guild')).toEqual(['owner', 'admin'])
  })

  it('give the owner every permission', () => {
    const owner = DEFAULT_ROLES.find((role) => role.role_id === OWNER_ROLE_ID)
    expect(owner?.permissions).toBe(ALL_PERMISSIONS)
    expect(ALL_PERMISSIONS).toBe(2 ** 13 - 1)
  })
})

import { describe, expect, it } from 'vitest'
import { channelIdSchema } from '../../../../node/base/ids.ts'
import { ALL_PERMISSIONS, permissionBits } from '../../../../node/events/permissions.ts'
import { isBanned, nodesOf } from '../../../../node/events/state/guild-state.ts'
import { permissionsOf, rankOf } from '../../../../node/events/state/permissions-of.ts'
import { stateHash, stateJson } from '../../../../node/events/state/state-hash.ts'
import { guildOf } from '../../../kit/guild-graph.ts'
import { person } from '../../../kit/test-node.ts'

const alice = person('alice')
const bob = person('bob')
const carol = person('carol', 'bob')
const stranger = person('stranger')

describe('rank and permissions', () => {
  const guild = guildOf(alice)
    .withChannel('general')
    .withMember(bob, { roles: ['viewer', 'contributor'] })
  guild.act(alice, 'member.invite', { target: carol.ref, roles: [] })
  guild.share()
  guild.act(carol, 'member.join', { author: { id: carol.userId, username: 'carol' } })
  const state = guild.state()

  it('the rank is that of the highest role', () => {
    expect([alice, bob, carol, stranger].map((who) => rankOf(state, who.key))).toEqual([700, 200, 0, -1])
  })

  it('permissions are those of all roles together', () => {
    const posting = permissionBits('view_channel', 'send_messages', 'attach_files', 'add_reactions')

    expect([alice, bob, carol, stranger].map((who) => permissionsOf(state, who.key))).toEqual([
      ALL_PERMISSIONS,
      posting,
      0,
      0,
    ])
  })

  it('nobody may anything in a channel that does not exist', () => {
    const nowhere = channelIdSchema.parse('00000000-0000-8000-8000-000000000000')

    expect(permissionsOf(state, alice.key, guild.channel('general'))).toBe(ALL_PERMISSIONS)
    expect(permissionsOf(state, alice.key, nowhere)).toBe(0)
  })

  it('nodes of the guild are those with a member', () => {
    expect(nodesOf(state)).toEqual(new Set([alice.node.serverName, bob.node.serverName]))
  })
})

describe('the state hash', () => {
  it('is BLAKE3 of JSON with sorted names', () => {
    const state = guildOf(alice).state()
    const json: object = JSON.parse(stateJson(state))

    expect(Object.keys(json)).toEqual(Object.keys(json).sort())
    expect(stateHash(state)).toMatch(/^[0-9a-f]{64}$/)
  })

  it('is a fixed value for a fixed history, so that implementations can compare', () => {
    const guild = guildOf(alice).withChannel('general').withMember(bob)
    guild.act(alice, 'member.ban', { target: stranger.ref, reason: 'spam', expires_at: 5 })
    guild.invite(alice, { max_uses: 3, expires_at: 9 })
    guild.act(alice, 'node.keys', { statement: alice.node.statement(1) })

    expect(stateHash(guild.state())).toBe('a3bbf69605d060d1b3b167de4ea324c960a4587b92322b78e91413d3bc0a16f5')
  })

  it('differs as soon as anything differs', () => {
    const guild = guildOf(alice)
    const hashes = [stateHash(guild.state())]
    const note = () => hashes.push(stateHash(guild.state()))
    guild.withChannel('general')
    note()
    guild.act(alice, 'guild.update', { name: 'Renamed' })
    note()
    guild.act(alice, 'member.ban', { target: bob.ref })
    note()
    const invite = guild.invite(alice)
    note()
    guild.act(alice, 'invite.revoke', { invite_id: invite.inviteId })
    note()
    guild.act(alice, 'role.put', { role_id: 'helper', name: 'Helper', position: 1, permissions: 0 })
    note()
    guild.act(alice, 'member.invite', { target: carol.ref })
    note()
    guild.act(alice, 'node.keys', { statement: alice.node.statement(1) })
    note()

    expect(new Set(hashes).size).toBe(hashes.length)
  })
})

it('a ban holds until it expires', () => {
  const guild = guildOf(alice)
  guild.act(alice, 'member.ban', { target: bob.ref, expires_at: 100 })
  guild.act(alice, 'member.ban', { target: carol.ref })
  const state = guild.state()

  expect([99, 100].map((at) => isBanned(state, bob.key, at))).toEqual([true, false])
  expect(isBanned(state, carol.key, Number.MAX_SAFE_INTEGER)).toBe(true)
  expect(isBanned(state, alice.key, 0)).toBe(false)
})

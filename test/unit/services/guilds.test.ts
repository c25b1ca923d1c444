import { describe, expect, it } from 'vitest'
import { AppError } from '../../../node/base/errors.ts'
import type { GuildId } from '../../../node/base/ids.ts'
import { bring, guildWithChannel, openHome } from '../../kit/home.ts'

const refusal = (code: string) => expect.objectContaining({ name: AppError.name, code })
const NOWHERE = '00000000-0000-4000-8000-000000000000' as GuildId

describe('guilds', () => {
  it('the creator is the owner and the only member', async () => {
    await using home = await openHome()
    const alice = home.account('alice')

    const guild = await home.guilds.create(alice, ' My guild ')

    expect(guild.name).toBe('My guild')
    expect(home.members.list(alice.userId, guild.guildId)).toMatchObject([
      { userId: alice.userId, serverName: home.self, username: 'alice', roles: ['owner'] },
    ])
  })

  it('a user lists the guilds they are in, oldest first', async () => {
    await using home = await openHome()
    const [alice, bob] = [home.account('alice'), home.account('bob')]
    const first = await home.guilds.create(alice, 'B')
    home.clock.advance(1_000)
    const second = await home.guilds.create(alice, 'A')
    await home.guilds.create(bob, 'C')

    expect(home.guilds.list(alice.userId).map((guild) => guild.guildId)).toEqual([first.guildId, second.guildId])
  })

  it.each([
    ['  ', 'guild_name_empty'],
    ['x'.repeat(65), 'guild_name_length'],
  ])('the name "%s" is refused and counted as %s', async (name, reason) => {
    await using home = await openHome()

    await expect(home.guilds.create(home.account('alice'), name)).rejects.toEqual(refusal('validation_error'))
    expect(home.rejections).toEqual([reason])
  })

  it('only who manages the guild renames it', async () => {
    await using home = await openHome()
    const [alice, bob] = [home.account('alice'), home.account('bob')]
    const { guildId } = await guildWithChannel(home, alice, bob)

    expect((await home.guilds.rename(alice, guildId, 'New')).name).toBe('New')
    await expect(home.guilds.rename(bob, guildId, 'Mine')).rejects.toEqual(refusal('forbidden'))
    await expect(home.guilds.rename(home.account('mallory'), guildId, 'x')).rejects.toEqual(refusal('not_found'))
  })
})

describe('members', () => {
  it('who leaves is no member any more and sees nothing', async () => {
    await using home = await openHome()
    const [alice, bob] = [home.account('alice'), home.account('bob')]
    const { guildId, channelId } = await guildWithChannel(home, alice, bob)

    await home.members.leave(bob, guildId)

    expect(home.members.list(alice.userId, guildId)).toHaveLength(1)
    expect(home.guilds.list(bob.userId)).toEqual([])
    expect(() => home.channels.get(bob.userId, channelId)).toThrow(refusal('not_found'))
    await expect(home.members.leave(bob, guildId)).rejects.toEqual(refusal('not_found'))
  })

  it('the owner cannot leave', async () => {
    await using home = await openHome()
    const alice = home.account('alice')
    const { guildId } = await home.guilds.create(alice, 'Guild')

    await expect(home.members.leave(alice, guildId)).rejects.toEqual(refusal('forbidden'))
  })

  it('members are listed to members only', async () => {
    await using home = await openHome()
    const { guildId } = await guildWithChannel(home, home.account('alice'))

    expect(() => home.members.list(home.account('mallory').userId, guildId)).toThrow(refusal('not_found'))
  })
})

describe('channels', () => {
  it('are listed oldest first, and not at all to strangers', async () => {
    await using home = await openHome()
    const alice = home.account('alice')
    const { guildId, channelId } = await guildWithChannel(home, alice)
    home.clock.advance(1_000)
    const { channel } = await home.channels.create(alice, guildId, 'a second one')

    const listed = await home.channels.list(alice, guildId)

    expect(listed.map((entry) => entry.channel.id)).toEqual([channelId, channel.id])
    expect(await home.channels.list(home.account('mallory'), guildId)).toEqual([])
    expect(await home.channels.list(alice, NOWHERE)).toEqual([])
  })

  it('need the permission to manage channels', async () => {
    await using home = await openHome()
    const [alice, bob] = [home.account('alice'), home.account('bob')]
    const { guildId, channelId } = await guildWithChannel(home, alice, bob)

    await expect(home.channels.create(bob, guildId, 'x')).rejects.toEqual(refusal('forbidden'))
    await expect(home.channels.rename(bob, channelId, 'x')).rejects.toEqual(refusal('forbidden'))
    await expect(home.channels.delete(bob, channelId)).rejects.toEqual(refusal('forbidden'))
    await expect(home.channels.create(alice, NOWHERE, 'x')).rejects.toEqual(refusal('not_found'))
  })

  it('can be renamed and deleted', async () => {
    await using home = await openHome()
    const alice = home.account('alice')
    const { channelId } = await guildWithChannel(home, alice)

    expect((await home.channels.rename(alice, channelId, 'news')).channel.name).toBe('news')
    await home.channels.delete(alice, channelId)

    expect(() => home.channels.get(alice.userId, channelId)).toThrow(refusal('not_found'))
    await expect(home.messages.send(alice, { channelId, sender: '', text: 'x' }, 'a')).rejects.toEqual(
      refusal('not_found'),
    )
  })
})

describe('what a user is part of', () => {
  it('channels carry the role in the guild', async () => {
    await using home = await openHome()
    const [alice, vera] = [home.account('alice'), home.account('vera')]
    const { guildId } = await guildWithChannel(home, alice)
    await bring(home, alice, guildId, [vera], ['viewer', 'contributor'])

    expect(home.memberships.guilds(vera.userId)).toMatchObject([{ role: 'contributor' }])
    expect(home.memberships.channels(vera.userId, [])).toMatchObject([
      { role: 'contributor', effectiveRole: 'contributor' },
    ])
  })

  it.each([
    [['admin'], 'admin'],
    [['viewer'], 'member'],
    [['member'], 'member'],
    [['moderator', 'owner', 'viewer'], 'owner'],
    [['wizard'], 'member'],
  ])('with the server roles %j a member acts as %s', async (serverRoles, effective) => {
    await using home = await openHome()
    const [alice, bob] = [home.account('alice'), home.account('bob')]
    await guildWithChannel(home, alice, bob)

    expect(home.memberships.channels(bob.userId, serverRoles)).toMatchObject([{ effectiveRole: effective }])
  })
})

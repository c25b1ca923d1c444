import { describe, expect, it } from 'vitest'
import { toBase64Url } from '../../../node/base/bytes.ts'
import { AppError } from '../../../node/base/errors.ts'
import type { GuildId } from '../../../node/base/ids.ts'
import { encodeInviteLink, type Invite, parseInviteLink } from '../../../node/events/invite-link.ts'
import { bring, guildWithChannel, openHome } from '../../kit/home.ts'

const refusal = (code: string) => expect.objectContaining({ name: AppError.name, code })

/** The link with some of its fields replaced. */
function altered(link: string, change: Partial<Invite>): string {
  const outcome = parseInviteLink(link)
  if (outcome.kind === 'refused') throw new Error(outcome.message)
  return encodeInviteLink({ ...outcome.invite, ...change })
}

describe('inviting', () => {
  it('a link names guild, invite and where to find this node', async () => {
    await using home = await openHome()
    const alice = home.account('alice')
    const { guildId } = await home.guilds.create(alice, 'Guild')

    const { invite, link } = await home.invites.create(alice, guildId, { maxUses: 3, expiresInSecs: 60 })

    expect(invite).toMatchObject({ maxUses: 3, uses: 0, revoked: false, expiresAt: home.clock.now() + 60_000 })
    expect(parseInviteLink(link)).toMatchObject({
      kind: 'invite',
      invite: {
        guild_id: guildId,
        guild_name: 'Guild',
        invite_id: invite.inviteId,
        peers: [{ peer_id: home.self }],
        expires_at: invite.expiresAt,
      },
    })
  })

  it('an invite is listed, newest first, and without its secret', async () => {
    await using home = await openHome()
    const alice = home.account('alice')
    const { guildId } = await home.guilds.create(alice, 'Guild')
    const first = await home.invites.create(alice, guildId, {})
    home.clock.advance(1_000)
    const second = await home.invites.create(alice, guildId, {})

    const listed = home.invites.list(alice.userId, guildId)

    expect(listed.map((invite) => invite.inviteId)).toEqual([second.invite.inviteId, first.invite.inviteId])
  })

  it('who may not invite can neither make invites nor list them', async () => {
    await using home = await openHome()
    const [alice, gus] = [home.account('alice'), home.account('gus')]
    const { guildId } = await guildWithChannel(home, alice)
    await bring(home, alice, guildId, [gus], ['guest'])

    await expect(home.invites.create(gus, guildId, {})).rejects.toEqual(refusal('forbidden'))
    expect(() => home.invites.list(gus.userId, guildId)).toThrow(refusal('forbidden'))
  })

  it('an invite gives the roles it names', async () => {
    await using home = await openHome()
    const [alice, vera] = [home.account('alice'), home.account('vera')]
    const { guildId } = await guildWithChannel(home, alice)

    await bring(home, alice, guildId, [vera], ['viewer'])

    expect(home.access.getSeat(vera.userId, guildId).member.roles).toEqual(['viewer'])
  })
})

describe('joining a guild held here', () => {
  it('makes a member who sees the guild', async () => {
    await using home = await openHome()
    const [alice, bob] = [home.account('alice'), home.account('bob')]
    const { guildId } = await home.guilds.create(alice, 'Guild')
    const { link } = await home.invites.create(alice, guildId, {})

    const joined = await home.invites.join(bob, ` ${link}\n`)

    expect(joined).toMatchObject({ guildId, name: 'Guild' })
    expect(home.guilds.list(bob.userId).map((guild) => guild.guildId)).toEqual([guildId])
    expect(home.invites.list(alice.userId, guildId)[0]?.uses).toBe(1)
  })

  it('a member who joins again gets the same answer and uses up nothing', async () => {
    await using home = await openHome()
    const [alice, bob] = [home.account('alice'), home.account('bob')]
    const { guildId } = await home.guilds.create(alice, 'Guild')
    const { link } = await home.invites.create(alice, guildId, { maxUses: 1 })

    await home.invites.join(bob, link)
    const again = await home.invites.join(bob, link)

    expect(again.guildId).toBe(guildId)
    expect(home.invites.list(alice.userId, guildId)[0]?.uses).toBe(1)
  })

  it('an invite that was used up lets nobody else in', async () => {
    await using home = await openHome()
    const [alice, bob, carol] = [home.account('alice'), home.account('bob'), home.account('carol')]
    const { guildId } = await home.guilds.create(alice, 'Guild')
    const { link } = await home.invites.create(alice, guildId, { maxUses: 1 })
    await home.invites.join(bob, link)

    await expect(home.invites.join(carol, link)).rejects.toEqual(refusal('invite_used_up'))
  })

  it('an invite ends at its time', async () => {
    await using home = await openHome()
    const [alice, bob, carol] = [home.account('alice'), home.account('bob'), home.account('carol')]
    const { guildId } = await home.guilds.create(alice, 'Guild')
    const { link } = await home.invites.create(alice, guildId, { expiresInSecs: 60 })

    home.clock.advance(59_000)
    await home.invites.join(bob, link)
    home.clock.advance(1_000)

    await expect(home.invites.join(carol, link)).rejects.toEqual(refusal('invite_expired'))
  })

  it('an invite that was revoked lets nobody in', async () => {
    await using home = await openHome()
    const [alice, bob] = [home.account('alice'), home.account('bob')]
    const { guildId } = await home.guilds.create(alice, 'Guild')
    const { invite, link } = await home.invites.create(alice, guildId, {})

    await home.invites.revoke(alice, guildId, invite.inviteId)
    await home.invites.revoke(alice, guildId, invite.inviteId)

    await expect(home.invites.join(bob, link)).rejects.toEqual(refusal('invite_revoked'))
  })

  it('a link with a guessed secret is no invite', async () => {
    await using home = await openHome()
    const [alice, bob] = [home.account('alice'), home.account('bob')]
    const { guildId } = await home.guilds.create(alice, 'Guild')
    const { link } = await home.invites.create(alice, guildId, {})
    const forged = altered(link, { secret: toBase64Url(new Uint8Array(32).fill(7)) })

    await expect(home.invites.join(bob, forged)).rejects.toEqual(refusal('invite_invalid'))
  })

  it('a link that names another guild than the invite’s is no invite', async () => {
    await using home = await openHome({ joinRemote: () => Promise.resolve() })
    const [alice, bob] = [home.account('alice'), home.account('bob')]
    const { guildId } = await home.guilds.create(alice, 'Guild')
    const other = await home.guilds.create(alice, 'Other')
    const { link } = await home.invites.create(alice, guildId, {})

    await expect(home.invites.join(bob, altered(link, { guild_id: other.guildId }))).rejects.toEqual(
      refusal('invite_invalid'),
    )
    expect(home.guilds.list(bob.userId)).toEqual([])
  })

  it.each([
    ['', 'is no link'],
    ['https://example.org', 'is no invite link'],
    ['openguild://join/%%%', 'is damaged'],
    ['openguild://join/e30', 'lacks everything'],
  ])('"%s" %s', async (text) => {
    await using home = await openHome()

    await expect(home.invites.join(home.account('bob'), text)).rejects.toEqual(refusal('invite_invalid'))
  })
})

describe('joining a guild of another node', () => {
  it('fetches the guild first, then joins here', async () => {
    await using maker = await openHome()
    const alice = maker.account('alice')
    const { guildId } = await maker.guilds.create(alice, 'Guild')
    const { link } = await maker.invites.create(alice, guildId, {})
    const asked: [GuildId, string][] = []
    await using home = await openHome({
      joinRemote: async (invite, user) => {
        asked.push([invite.guild_id, user.username])
      },
    })

    // This stand-in brings nothing, so the invite stays unknown.
    await expect(home.invites.join(home.account('bob'), link)).rejects.toEqual(refusal('invite_invalid'))
    expect(asked).toEqual([[guildId, 'bob']])
  })

  it('nobody reachable is told as it is', async () => {
    await using maker = await openHome()
    const alice = maker.account('alice')
    const { guildId } = await maker.guilds.create(alice, 'Guild')
    const { link } = await maker.invites.create(alice, guildId, {})
    await using home = await openHome({
      joinRemote: () => Promise.reject(new AppError('peer_unreachable', 'Nobody answers')),
    })

    await expect(home.invites.join(home.account('bob'), link)).rejects.toEqual(refusal('peer_unreachable'))
  })

  it('a link that says it has expired bothers nobody', async () => {
    await using maker = await openHome()
    const alice = maker.account('alice')
    const { guildId } = await maker.guilds.create(alice, 'Guild')
    const { link } = await maker.invites.create(alice, guildId, { expiresInSecs: 1 })
    await using home = await openHome()
    home.clock.advance(2_000)

    await expect(home.invites.join(home.account('bob'), link)).rejects.toEqual(refusal('invite_expired'))
  })
})

describe('joins that race', () => {
  it('for the last use of an invite: one wins, the other is told that it is used up', async () => {
    await using home = await openHome()
    const [alice, bob, carol] = [home.account('alice'), home.account('bob'), home.account('carol')]
    const { guildId } = await home.guilds.create(alice, 'Guild')
    const { link } = await home.invites.create(alice, guildId, { maxUses: 1 })

    const [first, second] = await Promise.allSettled([home.invites.join(bob, link), home.invites.join(carol, link)])

    expect(first.status).toBe('fulfilled')
    expect(second).toEqual({ status: 'rejected', reason: refusal('invite_used_up') })
  })

  it('of one user end in one membership', async () => {
    await using home = await openHome()
    const [alice, bob] = [home.account('alice'), home.account('bob')]
    const { guildId } = await home.guilds.create(alice, 'Guild')
    const { link } = await home.invites.create(alice, guildId, {})

    const states = await Promise.all([home.invites.join(bob, link), home.invites.join(bob, link)])

    expect(states.map((state) => state.guildId)).toEqual([guildId, guildId])
    expect(home.members.list(alice.userId, guildId)).toHaveLength(2)
  })
})

describe('what registration asks', () => {
  it('a link is usable exactly while it would let somebody in', async () => {
    await using home = await openHome()
    const [alice, bob] = [home.account('alice'), home.account('bob')]
    const { guildId } = await home.guilds.create(alice, 'Guild')
    const { link } = await home.invites.create(alice, guildId, { maxUses: 1 })

    expect([home.invites.isUsable(link), home.invites.isUsable('nonsense')]).toEqual([true, false])
    await home.invites.join(bob, link)
    expect(home.invites.isUsable(link)).toBe(false)
  })
})

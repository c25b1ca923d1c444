import { describe, expect, it } from 'vitest'
import { encodeInviteLink, parseInviteLink } from '../../node/events/invite-link.ts'
import { startNetwork } from '../kit/network.ts'
import { until } from '../kit/until.ts'

async function twoStrangers() {
  const network = await startNetwork(['alice', 'bob'])
  return { network, alice: network.node('alice'), bob: network.node('bob') }
}

describe('joining over the network', () => {
  it('brings guild, channels and history', async () => {
    const { network, alice, bob } = await twoStrangers()
    await using _network = network
    const { guildId, channelId } = await alice.found()
    for (const text of ['one', 'two', 'three']) await alice.post(channelId, text)

    const state = await bob.join(await alice.invite(guildId))

    expect(state.name).toBe('Guild')
    expect([...state.channels.keys()]).toEqual([channelId])
    expect(bob.texts(channelId)).toEqual(['one', 'two', 'three'])
    await network.settled(guildId)
    expect(alice.timeline.stateOf(guildId)?.members.size).toBe(2)
  })

  it('a revoked invite is refused by the node that knows', async () => {
    const { network, alice, bob } = await twoStrangers()
    await using _network = network
    const { guildId } = await alice.found()
    const link = await alice.invite(guildId)
    const parsed = parseInviteLink(link)
    if (parsed.kind !== 'invite') throw new Error('The link is not readable')
    await alice.invites.revoke(alice.caller, guildId, parsed.invite.invite_id)

    await expect(bob.join(link)).rejects.toMatchObject({ code: 'invite_revoked' })
    expect(bob.timeline.guildIds()).toEqual([])
  })

  it('an invite for one is used up by the first', async () => {
    await using network = await startNetwork(['alice', 'bob', 'carol'])
    const [alice, bob, carol] = [network.node('alice'), network.node('bob'), network.node('carol')]
    const { guildId } = await alice.found()
    const { link } = await alice.invites.create(alice.caller, guildId, { maxUses: 1 })
    await bob.join(link)
    await until(() => alice.timeline.stateOf(guildId)?.members.size === 2)

    await expect(carol.join(link)).rejects.toMatchObject({ code: 'invite_used_up' })
  })

  it('a link with another secret is refused', async () => {
    const { network, alice, bob } = await twoStrangers()
    await using _network = network
    const { guildId } = await alice.found()
    const parsed = parseInviteLink(await alice.invite(guildId))
    if (parsed.kind !== 'invite') throw new Error('The link is not readable')
    const forged = encodeInviteLink({ ...parsed.invite, secret: 'A'.repeat(43) })

    await expect(bob.join(forged)).rejects.toMatchObject({ code: 'invite_invalid' })
  })

  it('an inviter that is off is named in the error', async () => {
    const { network, alice, bob } = await twoStrangers()
    await using _network = network
    const { guildId } = await alice.found()
    const link = await alice.invite(guildId)
    await alice.stop()

    const joining = bob.join(link)

    await expect(joining).rejects.toMatchObject({ code: 'peer_unreachable' })
    await expect(joining).rejects.toThrow(alice.self)
  })

  it('a node that is connected helps when those of the link are off', async () => {
    await using network = await startNetwork(['alice', 'bob', 'carol'])
    const [alice, bob, carol] = [network.node('alice'), network.node('bob'), network.node('carol')]
    const { guildId, channelId } = await alice.found()
    await bob.join(await alice.invite(guildId))
    const link = await alice.invite(guildId)
    await until(() => bob.timeline.stateOf(guildId)?.invites.size === 2)
    await alice.stop()

    await network.connect(carol, bob)
    await carol.join(link)

    await carol.post(channelId, 'made it')
    await until(() => bob.texts(channelId).includes('made it'), { describe: () => bob.texts(channelId) })
  })

  it('is seen at once by nodes that took the joiner for a stranger before, and so is what it says then', async () => {
    await using network = await startNetwork(['alice', 'bob', 'carol'])
    const [alice, bob, carol] = [network.node('alice'), network.node('bob'), network.node('carol')]
    const { guildId, channelId } = await alice.found()
    await bob.join(await alice.invite(guildId))
    await network.connect(carol, alice)
    await network.connect(carol, bob)

    await carol.join(await alice.invite(guildId))
    await carol.post(channelId, 'here I am')

    // Far less than the interval after which nodes compare what they hold.
    await until(() => [alice, bob].every((node) => node.texts(channelId).includes('here I am')), { timeoutMs: 3_000 })
    await alice.post(channelId, 'welcome')
    await until(() => carol.texts(channelId).includes('welcome'), { timeoutMs: 3_000 })
  })
})

import { describe, expect, it } from 'vitest'
import { type Client, signUp } from '../kit/client.ts'
import { startNode } from '../kit/node.ts'
import { openSocket, refusedSocket } from '../kit/sockets.ts'
import { tempDir } from '../kit/temp-dir.ts'

/** Alice with a guild and a channel; Bob came by her link. */
async function stage(address: () => string) {
  const [alice, bob] = [await signUp(address, 'alice'), await signUp(address, 'bob')]
  const { guild_id: guildId } = await alice.createGuild('Guild')
  const { channel_id: channelId } = await alice.createChannel(guildId, 'general')
  await bob.join((await alice.invite(guildId)).link)
  return { alice, bob, guildId, channelId }
}

const textsOf = async (client: Client, channelId: string) => (await client.history(channelId)).map(({ text }) => text)

describe('a whole node', () => {
  it('brings what one user posts to the other, live and as history', async () => {
    await using node = await startNode(tempDir().path)
    const { alice, bob, channelId } = await stage(node.address)
    await using listening = await bob.listen(channelId)
    await using notified = await openSocket(`${node.address()}/notifications/ws?access_token=${bob.token()}`)

    await alice.post(channelId, 'hello bob')
    await bob.post(channelId, 'hello alice')

    await listening.until(({ text }) => text === 'hello alice')
    expect(listening.heard.map(({ sequence, text }) => [sequence, text])).toEqual([
      [1, 'hello bob'],
      [2, 'hello alice'],
    ])
    expect((await notified.received(2)).map((frame) => frame.kind)).toEqual(['channel_message', 'channel_message'])
    expect(await textsOf(alice, channelId)).toEqual(['hello bob', 'hello alice'])
  })

  it('goes on where it was after a restart', async () => {
    await using node = await startNode(tempDir().path)
    const { alice, bob, channelId } = await stage(node.address)
    const first = await alice.post(channelId, 'before', 'txn-1')
    await bob.ask('POST', `/channels/${channelId}/read`, {})

    await node.restart()

    expect(await alice.post(channelId, 'before', 'txn-1')).toEqual(first)
    expect((await alice.post(channelId, 'after')).sequence).toBe(2)
    expect(await textsOf(bob, channelId)).toEqual(['before', 'after'])
    expect(JSON.parse((await bob.ask('GET', '/channels/unread')).text)).toMatchObject([
      { last_read_sequence: 1, unread: 1 },
    ])
  })

  it('a profile lists guilds and channels with roles', async () => {
    await using node = await startNode(tempDir().path)
    const { alice, bob, guildId, channelId } = await stage(node.address)

    const ofAlice = JSON.parse((await alice.ask('GET', '/client/v1/users/me')).text)
    const ofBob = JSON.parse((await bob.ask('GET', '/users/me')).text)

    expect(ofAlice.guilds).toMatchObject([{ guild_id: guildId, name: 'Guild', role: 'owner' }])
    expect(ofAlice.channels).toMatchObject([{ channel_id: channelId, role: 'owner', effective_role: 'owner' }])
    expect(ofBob.guilds).toMatchObject([{ guild_id: guildId, role: 'member' }])
    expect(ofBob.channels).toMatchObject([{ channel_id: channelId, role: 'member', effective_role: 'member' }])
  })

  it('a session that ends takes its sockets with it', async () => {
    await using node = await startNode(tempDir().path)
    const { bob, channelId } = await stage(node.address)
    const token = bob.token()
    await using socket = await bob.listen(channelId)

    await bob.logIn()

    expect(await socket.closed).toEqual({ code: 4002, reason: 'session revoked' })
    expect((await refusedSocket(`${node.address()}/channels/${channelId}/ws`, { token })).status).toBe(401)
  })

  it('closes its sockets with 1001 when it stops', async () => {
    await using node = await startNode(tempDir().path)
    const { bob, channelId } = await stage(node.address)
    await using socket = await bob.listen(channelId)

    await node.restart()

    expect(await socket.closed).toEqual({ code: 1001, reason: 'server is stopping' })
  })

  it('counts messages and refusals in its figures', async () => {
    await using node = await startNode(tempDir().path, {
      metrics: { enabled: true },
      messaging: { max_messages_per_user_per_window: 1 },
    })
    const { alice, channelId } = await stage(node.address)
    await alice.post(channelId, 'one')
    expect((await alice.ask('POST', `/channels/${channelId}/messages`, { sender: '', content: 'two' })).status).toBe(
      429,
    )

    const text = await (await fetch(`${node.address()}/metrics`)).text()

    expect(text).toContain('openguild_messaging_events_total{outcome="no_subscribers"} 1')
    expect(text).toContain('openguild_messaging_rejections_total{reason="message_rate_limit"} 1')
  })
})

import { describe, expect, it } from 'vitest'
import type { ChannelBody } from '../../node/api/channels.ts'
import type { GuildBody } from '../../node/api/guilds.ts'
import { bodyOf } from '../kit/body.ts'
import { guildWithChannel } from '../kit/home.ts'
import { type HomeServer, startHome } from '../kit/home-server.ts'

const NOWHERE = '00000000-0000-4000-8000-000000000000'
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const bare = async (answer: Promise<Response>) => {
  const response = await answer
  return [response.status, await response.text()]
}

function send(home: HomeServer, method: 'PATCH' | 'DELETE', path: string, token: string, body?: unknown) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return home.http.fetch(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
}

/** Alice with a guild of one channel, and Bob as a member. */
async function stage(home: HomeServer) {
  const [alice, bob] = [home.account('alice'), home.account('bob')]
  const { guildId, channelId } = await guildWithChannel(home, alice, bob)
  return { alice, bob, guildId, channelId, token: home.signIn(alice), bobToken: home.signIn(bob) }
}

describe('guilds', () => {
  it('a new guild is answered and listed to its creator alone', async () => {
    await using home = await startHome()
    const [token, other] = [home.signIn(home.account('alice')), home.signIn(home.account('bob'))]

    const created = await home.http.post('/guilds', { name: ' Ours ' }, token)

    expect(created.status).toBe(200)
    const guild = await bodyOf<GuildBody>(created)
    expect(guild).toEqual({
      guild_id: expect.stringMatching(UUID),
      name: 'Ours',
      created_at: expect.stringMatching(TIME),
    })
    expect(await (await home.http.get('/client/v1/guilds', token)).json()).toEqual([guild])
    expect(await (await home.http.get(`/guilds/${guild.guild_id}`, token)).json()).toEqual(guild)
    expect(await (await home.http.get('/guilds', other)).json()).toEqual([])
  })

  it('bad names are 400 with an empty body; the shape comes first', async () => {
    await using home = await startHome()
    const token = home.signIn(home.account('alice'))
    const create = (body: unknown) => home.http.post('/guilds', body, token)

    expect(await bare(create({ name: ' ' }))).toEqual([400, ''])
    expect(await bare(create({ name: '🦀'.repeat(65) }))).toEqual([400, ''])
    expect((await create({ name: '🦀'.repeat(64) })).status).toBe(200)
    expect((await create({})).status).toBe(422)
    expect(await bare(home.http.post('/guilds', { name: 'x' }))).toEqual([401, ''])
  })

  it('are renamed by who manages them', async () => {
    await using home = await startHome()
    const { guildId, token, bobToken } = await stage(home)
    const rename = (as: string, name: string, id: string = guildId) =>
      send(home, 'PATCH', `/guilds/${id}`, as, { name })

    expect(await (await rename(token, 'New name')).json()).toMatchObject({ guild_id: guildId, name: 'New name' })
    const forbidden = await rename(bobToken, 'Bobs')
    expect(forbidden.status).toBe(403)
    expect(await forbidden.json()).toMatchObject({ error: 'forbidden' })
    const invalid = await rename(token, '')
    expect(invalid.status).toBe(400)
    expect(await invalid.json()).toMatchObject({ details: [{ field: 'name', message: 'must be provided' }] })
    expect((await rename(token, 'x', NOWHERE)).status).toBe(404)
  })
})

describe('channels', () => {
  it('a new channel is answered and listed', async () => {
    await using home = await startHome()
    const { guildId, channelId, token, bobToken } = await stage(home)
    home.clock.advance(1)

    const created = await home.http.post(`/guilds/${guildId}/channels`, { name: 'news' }, token)

    const channel = await bodyOf<ChannelBody>(created)
    expect([created.status, channel]).toEqual([
      200,
      {
        channel_id: expect.stringMatching(UUID),
        guild_id: guildId,
        name: 'news',
        created_at: expect.stringMatching(TIME),
      },
    ])
    const listed = await bodyOf<ChannelBody[]>(home.http.get(`/guilds/${guildId}/channels`, bobToken))
    expect(listed.map((entry) => entry.channel_id)).toEqual([channelId, channel.channel_id])
    expect(listed[1]).toEqual(channel)
  })

  it('guilds one is not in have none to list and take none', async () => {
    await using home = await startHome()
    const { guildId } = await stage(home)
    const mallory = home.signIn(home.account('mallory'))
    const create = (id: string) => home.http.post(`/guilds/${id}/channels`, { name: 'x' }, mallory)

    expect(await (await home.http.get(`/guilds/${guildId}/channels`, mallory)).json()).toEqual([])
    expect(await (await home.http.get(`/guilds/${NOWHERE}/channels`, mallory)).json()).toEqual([])
    expect(await bare(create(guildId))).toEqual([404, ''])
    expect(await bare(create(NOWHERE))).toEqual([404, ''])
    expect((await create('nope')).status).toBe(400)
  })

  it('a plain member can neither make, rename nor delete them', async () => {
    await using home = await startHome()
    const { guildId, channelId, bobToken } = await stage(home)

    expect(await bare(home.http.post(`/guilds/${guildId}/channels`, { name: 'x' }, bobToken))).toEqual([403, ''])
    expect((await send(home, 'PATCH', `/channels/${channelId}`, bobToken, { name: 'x' })).status).toBe(403)
    expect((await send(home, 'DELETE', `/channels/${channelId}`, bobToken)).status).toBe(403)
  })

  it('are renamed and deleted', async () => {
    await using home = await startHome()
    const { guildId, channelId, token } = await stage(home)

    const renamed = await send(home, 'PATCH', `/channels/${channelId}`, token, { name: 'lounge' })
    expect(await renamed.json()).toMatchObject({ channel_id: channelId, name: 'lounge' })
    expect(await bare(send(home, 'DELETE', `/channels/${channelId}`, token))).toEqual([204, ''])

    expect(await (await home.http.get(`/guilds/${guildId}/channels`, token)).json()).toEqual([])
    expect((await send(home, 'DELETE', `/channels/${channelId}`, token)).status).toBe(404)
  })
})

describe('members', () => {
  it('are listed with roles and home node', async () => {
    await using home = await startHome()
    const { alice, bob, guildId, token } = await stage(home)

    const response = await home.http.get(`/guilds/${guildId}/members`, token)

    expect(await response.json()).toEqual([
      {
        user_id: alice.userId,
        server_name: home.self,
        username: 'alice',
        roles: ['owner'],
        joined_at: expect.stringMatching(TIME),
      },
      {
        user_id: bob.userId,
        server_name: home.self,
        username: 'bob',
        roles: ['member'],
        joined_at: expect.stringMatching(TIME),
      },
    ])
  })

  it('leave by themselves, except the owner', async () => {
    await using home = await startHome()
    const { guildId, token, bobToken } = await stage(home)
    const leave = (as: string) => home.http.post(`/guilds/${guildId}/leave`, {}, as)

    expect((await leave(token)).status).toBe(403)
    expect(await bare(leave(bobToken))).toEqual([204, ''])
    expect((await leave(bobToken)).status).toBe(404)
    expect(await (await home.http.get('/guilds', bobToken)).json()).toEqual([])
  })
})

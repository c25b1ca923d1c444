import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import type { errorSchema } from '../../node/api/errors.ts'
import type { createdInviteSchema } from '../../node/api/invites.ts'
import { AppError } from '../../node/base/errors.ts'
import { bodyOf } from '../kit/body.ts'
import { guildWithChannel } from '../kit/home.ts'
import { type HomeServer, startHome } from '../kit/home-server.ts'

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/

/** Alice with a guild, Bob without. */
async function stage(home: HomeServer) {
  const [alice, bob] = [home.account('alice'), home.account('bob')]
  const { guildId, channelId } = await guildWithChannel(home, alice)
  const [token, bobToken] = [home.signIn(alice), home.signIn(bob)]
  const invites = `/guilds/${guildId}/invites`
  return {
    guildId,
    channelId,
    token,
    bobToken,
    invites,
    invite: (terms: object = {}) => bodyOf<z.output<typeof createdInviteSchema>>(home.http.post(invites, terms, token)),
    join: (link: unknown, as = bobToken) => home.http.post('/guilds/join', { link }, as),
  }
}

const refusal = async (answer: Promise<Response>) => {
  const response = await answer
  const { error, message } = await bodyOf<z.output<typeof errorSchema>>(response)
  expect(message).toMatch(/^[A-Z].+/)
  return [response.status, error]
}

describe('invites', () => {
  it('an invite is answered with its link and listed without it', async () => {
    await using home = await startHome()
    const { token, invites, invite } = await stage(home)

    const created = await invite({ max_uses: 2, expires_in_secs: 3_600, roles: ['viewer'] })

    const { link, ...listed } = created
    expect(link).toMatch(/^openguild:\/\/join\/[A-Za-z0-9_-]+$/)
    expect(listed).toEqual({
      invite_id: expect.any(String),
      created_at: expect.stringMatching(TIME),
      expires_at: expect.stringMatching(TIME),
      max_uses: 2,
      uses: 0,
      roles: ['viewer'],
      revoked: false,
    })
    expect(await (await home.http.get(invites, token)).json()).toEqual([listed])
  })

  it('terms may be left out or null', async () => {
    await using home = await startHome()
    const { invite } = await stage(home)

    const created = await invite({ max_uses: null, expires_in_secs: null, roles: null })

    expect(created).not.toHaveProperty('expires_at')
    expect(created).not.toHaveProperty('max_uses')
  })

  it('bad terms, strangers and roles above one’s own are refused', async () => {
    await using home = await startHome()
    const { token, bobToken, invites } = await stage(home)
    const create = (terms: unknown, as = token) => home.http.post(invites, terms, as)

    expect((await create({ max_uses: 0 })).status).toBe(422)
    expect((await create({ expires_in_secs: -1 })).status).toBe(422)
    expect(await refusal(create({}, bobToken))).toEqual([404, 'not_found'])
    expect(await refusal(create({ roles: ['owner'] }))).toEqual([403, 'forbidden'])
    expect(await refusal(create({ roles: ['no such role'] }))).toEqual([403, 'forbidden'])
  })

  it('a revoked one is listed as such and unknown ones are 404', async () => {
    await using home = await startHome()
    const { token, invites, invite } = await stage(home)
    const { invite_id } = await invite()
    const revoke = (id: string) =>
      home.http.fetch(`${invites}/${id}`, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } })

    expect((await revoke(invite_id)).status).toBe(204)
    expect((await revoke(invite_id)).status).toBe(204)
    expect(await refusal(revoke('00000000-0000-4000-8000-000000000000'))).toEqual([404, 'not_found'])
    expect(await (await home.http.get(invites, token)).json()).toMatchObject([{ invite_id, revoked: true }])
  })
})

describe('joining', () => {
  it('answers with the guild, which is then one’s own; twice is as good as once', async () => {
    await using home = await startHome()
    const { guildId, channelId, bobToken, invite, join } = await stage(home)
    const { link } = await invite({ max_uses: 1 })

    const [first, again] = [await join(link), await join(link)]

    expect([first.status, again.status]).toEqual([200, 200])
    const guild = await first.json()
    expect(guild).toMatchObject({ guild_id: guildId, name: 'Guild' })
    expect(await again.json()).toEqual(guild)
    expect((await home.http.get(`/channels/${channelId}/events`, bobToken)).status).toBe(200)
  })

  it('each reason why a link does not work has its own code', async () => {
    await using home = await startHome()
    const { token, invites, invite, join } = await stage(home)
    const carol = home.signIn(home.account('carol'))
    const [usedUp, expiring, revoked] = [
      await invite({ max_uses: 1 }),
      await invite({ expires_in_secs: 5 }),
      await invite(),
    ]
    await join(usedUp.link, carol)
    const headers = { authorization: `Bearer ${token}` }
    await home.http.fetch(`${invites}/${revoked.invite_id}`, { method: 'DELETE', headers })
    home.clock.advance(5_000)

    expect(await refusal(join(usedUp.link))).toEqual([410, 'invite_used_up'])
    expect(await refusal(join(expiring.link))).toEqual([410, 'invite_expired'])
    expect(await refusal(join(revoked.link))).toEqual([410, 'invite_revoked'])
    expect(await refusal(join('https://example.org'))).toEqual([400, 'invite_invalid'])
    expect(await refusal(join(usedUp.link.slice(0, -9)))).toEqual([400, 'invite_invalid'])
  })

  it('a guild whose nodes do not answer is 502', async () => {
    await using elsewhere = await startHome()
    const { link } = await (await stage(elsewhere)).invite()
    await using home = await startHome({
      joinRemote: () => Promise.reject(new AppError('peer_unreachable', 'None of the nodes in this link answers')),
    })
    const token = home.signIn(home.account('dave'))

    expect(await refusal(home.http.post('/guilds/join', { link }, token))).toEqual([502, 'peer_unreachable'])
  })

  it('needs a session, after a link of the right shape', async () => {
    await using home = await startHome()

    expect((await home.http.post('/guilds/join', { link: 7 })).status).toBe(422)
    expect(await refusal(home.http.post('/guilds/join', { link: 'x' }))).toEqual([401, 'unauthorized'])
  })

  it('the same link sent twice at once joins once', async () => {
    await using home = await startHome()
    const { invite, join } = await stage(home)
    const { link } = await invite()

    const answers = await Promise.all([join(link), join(link), join(link)])

    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200])
  })

  it('an invite that two use at once lets one in', async () => {
    await using home = await startHome()
    const { invite, join } = await stage(home)
    const { link } = await invite({ max_uses: 1 })
    const others = ['carol', 'dave'].map((name) => home.signIn(home.account(name)))

    const answers = await Promise.all(others.map((token) => join(link, token)))

    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 410])
  })
})

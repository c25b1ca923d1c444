import { describe, expect, it } from 'vitest'
import { bring, guildWithChannel } from '../kit/home.ts'
import { type HomeServer, startHome } from '../kit/home-server.ts'

const NOWHERE = '00000000-0000-4000-8000-000000000000'
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/

/** Alice with a guild of one channel, and Bob as a member. */
async function stage(home: HomeServer) {
  const [alice, bob] = [home.account('alice'), home.account('bob')]
  const { guildId, channelId } = await guildWithChannel(home, alice, bob)
  const [token, bobToken] = [home.signIn(alice), home.signIn(bob)]
  const messages = `/channels/${channelId}/messages`
  const post = (content: unknown, more: object = {}, as = token) =>
    home.http.post(messages, { sender: '', content, ...more }, as)
  const events = (query = '', as = token) => home.http.get(`/channels/${channelId}/events${query}`, as)
  return { alice, bob, token, bobToken, guildId, channelId, messages, post, events }
}

/** Status and body of a bare refusal. */
const bare = async (answer: Promise<Response>) => {
  const response = await answer
  return [response.status, await response.text()]
}

describe('posting a message', () => {
  it('answers with sequence, id and time, and nothing else', async () => {
    await using home = await startHome()
    const { post } = await stage(home)

    const response = await post(' hello ')

    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toEqual({
      sequence: 1,
      event_id: expect.stringMatching(/^\$[1-9A-HJ-NP-Za-km-z]{32,44}$/),
      created_at: expect.stringMatching(TIME),
    })
  })

  it('can be done below /client/v1 and with ids in any spelling', async () => {
    await using home = await startHome()
    const { channelId, token } = await stage(home)
    const spelled = `%7B${channelId.toUpperCase()}%7D`

    const response = await home.http.post(
      `/client/v1/channels/${spelled}/messages`,
      { sender: '', content: 'x' },
      token,
    )

    expect(response.status).toBe(200)
  })

  it('the same txn_id gives the same answer', async () => {
    await using home = await startHome()
    const { post, events } = await stage(home)

    const [first, again] = [await post('x', { txn_id: 't1' }), await post('x', { txn_id: 't1' })]

    expect(await again.json()).toEqual(await first.json())
    expect(await (await events()).json()).toHaveLength(1)
  })

  it('the sender may be named when it is the caller', async () => {
    await using home = await startHome()
    const { post, alice, bob } = await stage(home)

    expect((await post('x', { sender: ` ${alice.userId} ` })).status).toBe(200)
    expect(await bare(post('x', { sender: bob.userId }))).toEqual([403, ''])
    expect(await bare(post('x', { sender: alice.userId.toUpperCase() }))).toEqual([403, ''])
  })

  it('bodies are looked at before the token, in the words of the original', async () => {
    await using home = await startHome()
    const { messages } = await stage(home)
    const send = (body: string, contentType = 'application/json') =>
      home.http.fetch(messages, { method: 'POST', body, headers: { 'content-type': contentType } })

    expect((await send('{}', 'text/plain')).status).toBe(415)
    expect((await send('{')).status).toBe(400)
    expect((await send('{"sender":""}')).status).toBe(422)
    expect((await send('{"sender":"","content":1}')).status).toBe(422)
    expect((await send('{"sender":"","content":"a","content":"b"}')).status).toBe(422)
    expect((await send('{"sender":"","content":"x","txn_id":""}')).status).toBe(422)
    expect(await bare(send('{"sender":"","content":"x"}'))).toEqual([401, ''])
  })

  it('blank and overlong texts are 400 with an empty body', async () => {
    await using home = await startHome()
    const { post } = await stage(home)

    expect(await bare(post(' \u2003 '))).toEqual([400, ''])
    expect(await bare(post('x'.repeat(4_001)))).toEqual([400, ''])
  })

  it('unknown channels and those of other guilds are 404, a broken id is 400', async () => {
    await using home = await startHome()
    const { token, channelId } = await stage(home)
    const mallory = home.signIn(home.account('mallory'))
    const send = (id: string, as: string) =>
      home.http.post(`/channels/${id}/messages`, { sender: '', content: 'x' }, as)

    expect(await bare(send(NOWHERE, token))).toEqual([404, ''])
    expect(await bare(send(channelId, mallory))).toEqual([404, ''])
    const broken = await send('nope', token)
    expect([broken.status, (await broken.text()).startsWith('Invalid URL:')]).toEqual([400, true])
  })

  it('a viewer may not', async () => {
    await using home = await startHome()
    const { alice, guildId, post } = await stage(home)
    const vera = home.account('vera')
    await bring(home, alice, guildId, [vera], ['viewer'])

    expect(await bare(post('x', {}, home.signIn(vera)))).toEqual([403, ''])
  })

  it('too many are 429 until the window is over', async () => {
    await using home = await startHome({ rateLimit: { user: 2, address: 3 } })
    const { post, bobToken } = await stage(home)

    expect([(await post('1')).status, (await post('2')).status]).toEqual([200, 200])
    const limited = await post('3')
    expect([limited.status, await limited.text(), limited.headers.get('retry-after')]).toEqual([429, '', '60'])
    // Alice's refused post was charged to the address they share.
    expect(await bare(post('4', {}, bobToken))).toEqual([429, ''])

    home.clock.advance(60_000)
    expect((await post('5')).status).toBe(200)
  })
})

describe('reading a channel', () => {
  it('gives envelopes with the event as it is stored', async () => {
    await using home = await startHome()
    const { alice, channelId, post, events } = await stage(home)
    await post('hello')

    const text = await (await events()).text()

    const [stored] = home.messages.page(alice.userId, channelId, { limit: 1 })
    expect(text).toBe(`[{"sequence":1,"channel_id":"${channelId}","event":${stored?.body}}]`)
    expect(JSON.parse(text)[0].event).toMatchObject({
      schema_version: 1,
      origin_server: home.self,
      room_id: channelId,
      event_type: 'message',
      sender: alice.userId,
      content: { author: { id: alice.userId, username: 'alice' }, content: 'hello' },
    })
  })

  it('pages forward with since, and clamps the limit', async () => {
    await using home = await startHome()
    const { post, events } = await stage(home)
    for (let n = 1; n <= 4; n += 1) await post(`${n}`)
    const sequences = async (query: string) =>
      ((await (await events(query)).json()) as { sequence: number }[]).map((envelope) => envelope.sequence)

    expect(await sequences('?limit=2')).toEqual([3, 4])
    expect(await sequences('?limit=2&since=1')).toEqual([2, 3])
    expect(await sequences('?limit=0')).toEqual([4])
    expect(await sequences('?limit=-5&since=0')).toEqual([1])
    expect(await sequences('?since=4')).toEqual([])
  })

  it('refuses a limit that is no number, before it looks at the token', async () => {
    await using home = await startHome()
    const { events } = await stage(home)

    const response = await events('?limit=abc', 'forged')

    expect(response.status).toBe(400)
    expect(await response.text()).toMatch(/^Failed to deserialize query string/)
  })

  it('is for members', async () => {
    await using home = await startHome()
    const { channelId, events } = await stage(home)
    const mallory = home.signIn(home.account('mallory'))

    expect(await bare(events('', mallory))).toEqual([404, ''])
    expect(await bare(events('', 'forged'))).toEqual([401, ''])
    expect(await bare(home.http.get(`/channels/${NOWHERE}/events`, mallory))).toEqual([404, ''])
    expect((await home.http.fetch(`/channels/${channelId}/events/`)).status).toBe(404)
  })
})

describe('read state', () => {
  it('marks, clamps and counts', async () => {
    await using home = await startHome()
    const { channelId, post, bobToken } = await stage(home)
    for (let n = 0; n < 3; n += 1) await post('x')
    const mark = async (body: unknown) => (await home.http.post(`/channels/${channelId}/read`, body, bobToken)).json()
    const unread = async () => (await home.http.get('/channels/unread', bobToken)).json()

    expect(await unread()).toEqual([{ channel_id: channelId, last_read_sequence: 0, latest_sequence: 3, unread: 3 }])
    expect(await mark({ sequence: 1 })).toEqual({
      channel_id: channelId,
      last_read_sequence: 1,
      latest_sequence: 3,
      unread: 2,
    })
    expect(await mark({ sequence: null })).toMatchObject({ last_read_sequence: 3, unread: 0 })
    expect(await mark({})).toMatchObject({ last_read_sequence: 3 })
    expect(await mark({ sequence: 2 })).toMatchObject({ last_read_sequence: 2, unread: 1 })
    expect(await unread()).toMatchObject([{ last_read_sequence: 3, unread: 0 }])
  })

  it('is refused for bad bodies, strangers and unknown channels', async () => {
    await using home = await startHome()
    const { channelId, token } = await stage(home)
    const mark = (id: string, body: unknown, as: string) => home.http.post(`/channels/${id}/read`, body, as)

    expect((await mark(channelId, { sequence: 'x' }, token)).status).toBe(422)
    expect((await mark(channelId, { sequence: 1.5 }, token)).status).toBe(422)
    expect((await mark(channelId, [], token)).status).toBe(422)
    expect(await bare(mark(NOWHERE, {}, token))).toEqual([404, ''])
    expect(await bare(mark(channelId, {}, home.signIn(home.account('mallory'))))).toEqual([404, ''])
    expect(await bare(home.http.get('/channels/unread'))).toEqual([401, ''])
  })
})

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeInviteLink, type Invite, parseInviteLink } from '../../node/events/invite-link.ts'
import { agreed, untilAnswer } from '../kit/agreement.ts'
import { type Client, signUp } from '../kit/client.ts'
import { createMachines, type Machines } from '../kit/machines.ts'
import type { ProcessNode } from '../kit/process-node.ts'

/** Alice's guild lives on A; B is new to it in each test, because nobody there gets in. */
let machines: Machines
let a: ProcessNode
let b: ProcessNode
let alice: Client
let bob: Client
let guildId: string

beforeAll(async () => {
  machines = createMachines()
  ;[a, b] = await Promise.all([machines.start('a'), machines.start('b')])
  ;[alice, bob] = await Promise.all([signUp(a.address, 'alice'), signUp(b.address, 'bob')])
  guildId = (await alice.createGuild('Harbour')).guild_id
  await alice.createChannel(guildId, 'general')
})

afterAll(() => machines[Symbol.asyncDispose]())

const tryJoin = async (link: string) => {
  const { status, code, text } = await bob.ask('POST', '/guilds/join', { link })
  return { status, code, message: JSON.parse(text).message as string }
}

function altered(link: string, change: Partial<Invite>): string {
  return encodeInviteLink({ ...inviteIn(link), ...change })
}

describe('a link that lets nobody in', () => {
  it.each([
    { what: 'no link at all', link: 'https://example.org/join/abc' },
    { what: 'cut off', link: 'openguild://join/eyJndWlsZF9pZCI6Ij' },
    { what: 'empty', link: '' },
    { what: 'huge', link: `openguild://join/${'A'.repeat(100_000)}` },
  ])('$what is 400 invite_invalid', async ({ link }) => {
    expect(await tryJoin(link)).toMatchObject({ status: 400, code: 'invite_invalid' })
  })

  it('with the secret of another invite is invite_invalid', async () => {
    const { link } = await alice.invite(guildId)
    const { secret } = inviteIn((await alice.invite(guildId)).link)

    const answer = await tryJoin(altered(link, { secret }))

    expect(answer).toMatchObject({ status: 400, code: 'invite_invalid' })
  })

  it('for a guild the inviter does not hold says that nobody of it can be reached', async () => {
    const { link } = await alice.invite(guildId)
    const elsewhere = altered(link, { guild_id: randomUUID() as Invite['guild_id'] })

    expect(await tryJoin(elsewhere)).toMatchObject({ status: 502, code: 'peer_unreachable' })
  })

  it('for another guild of the same node is invite_invalid', async () => {
    const { guild_id: secondId } = await alice.createGuild('Lighthouse')
    const { link } = await alice.invite(guildId)
    const wrong = altered(link, { guild_id: secondId as Invite['guild_id'] })

    expect(await tryJoin(wrong)).toMatchObject({ status: 400, code: 'invite_invalid' })
    expect(await bob.guilds()).toEqual([])
  })

  it('that was revoked is 410 invite_revoked', async () => {
    const { link, invite_id: inviteId } = await alice.invite(guildId)

    expect((await alice.ask('DELETE', `/guilds/${guildId}/invites/${inviteId}`)).status).toBe(204)

    expect(await tryJoin(link)).toMatchObject({ status: 410, code: 'invite_revoked' })
  })

  it('that has expired is 410 invite_expired, also when its date was taken out of the link', async () => {
    const { link, expires_at: expiresAt } = await alice.invite(guildId, { expires_in_secs: 1 })
    await untilAnswer(
      async () => Date.now(),
      (now) => now > Date.parse(expiresAt ?? ''),
    )

    expect(await tryJoin(link)).toMatchObject({ status: 410, code: 'invite_expired' })
    const { expires_at: _gone, ...rest } = inviteIn(link)
    expect(await tryJoin(encodeInviteLink(rest))).toMatchObject({ status: 410, code: 'invite_expired' })
  })

  it('that was used up is 410 invite_used_up', async () => {
    const dora = await signUp(a.address, 'dora')
    const { link } = await alice.invite(guildId, { max_uses: 1 })
    await dora.join(link)

    expect(await tryJoin(link)).toMatchObject({ status: 410, code: 'invite_used_up' })
  })

  it('whose inviter does not answer is 502 and says what to do', async () => {
    const { link } = await alice.invite(guildId)
    const peers = inviteIn(link).peers.map((peer) => ({ ...peer, addresses: ['/ip4/127.0.0.1/tcp/1'] }))
    const lonely = await machines.start('lonely')
    const zoe = await signUp(lonely.address, 'zoe')

    const { status, text } = await zoe.ask('POST', '/guilds/join', { link: altered(link, { peers }) })

    expect(status).toBe(502)
    expect(text).toMatch(/Ask for a new link while one of its members is online/)
  })

  it('whose address answers with another peer id is 502', async () => {
    const { link } = await alice.invite(guildId)
    const [first] = inviteIn(link).peers
    const { peer_id: peerOfB } = await b.status()
    const imposter = [{ peer_id: peerOfB as Invite['peers'][number]['peer_id'], addresses: first?.addresses ?? [] }]
    const wary = await machines.start('wary')
    const yan = await signUp(wary.address, 'yan')

    const { status } = await yan.ask('POST', '/guilds/join', { link: altered(link, { peers: imposter }) })

    expect(status).toBe(502)
  })
})

describe('a good link', () => {
  it('that two nodes use at once with one use left ends with one law on all nodes', async () => {
    const [c, d] = await Promise.all([machines.start('c'), machines.start('d')])
    const [carol, dan] = await Promise.all([signUp(c.address, 'carol'), signUp(d.address, 'dan')])
    const { link } = await alice.invite(guildId, { max_uses: 1 })

    const answers = await Promise.all([carol, dan].map((person) => person.ask('POST', '/guilds/join', { link })))

    expect(answers.map(({ status }) => status)).toContain(200)
    const { members } = await agreed(
      [a, ...(answers[0]?.status === 200 ? [c] : []), ...(answers[1]?.status === 200 ? [d] : [])],
      guildId,
    )
    expect(members).toBe(3)
  })

  it('used again by who is in already changes nothing', async () => {
    const { link } = await alice.invite(guildId)
    await bob.join(link)
    const { members } = await agreed([a, b], guildId)

    await bob.join(link)

    expect((await agreed([a, b], guildId)).members).toBe(members)
  })

  it('made before the inviter restarted still works', async () => {
    const [home, visitor] = await Promise.all([machines.start('home'), machines.start('visitor')])
    const [hanna, vic] = await Promise.all([signUp(home.address, 'hanna'), signUp(visitor.address, 'vic')])
    const { link } = await hanna.invite((await hanna.createGuild('Lighthouse')).guild_id)
    await home.stop()
    await home.start()

    expect((await vic.join(link)).name).toBe('Lighthouse')
  })

  it('is seen by the inviter at once, also when the two nodes have long been connected', async () => {
    const [near, far] = await Promise.all([machines.start('near'), machines.start('far')])
    const [nora, fred] = await Promise.all([signUp(near.address, 'nora'), signUp(far.address, 'fred')])
    const { guild_id: quayId } = await nora.createGuild('Quay')
    const { link: revoked, invite_id: inviteId } = await nora.invite(quayId)
    await nora.ask('DELETE', `/guilds/${quayId}/invites/${inviteId}`)
    expect((await fred.ask('POST', '/guilds/join', { link: revoked })).status).toBe(410)
    // Until gossipsub has forgotten that they were strangers to each other when they met.
    const connectedAt = Date.now()
    await untilAnswer(
      async () => Date.now() - connectedAt,
      (age) => age > 3_000,
    )

    await fred.join((await nora.invite(quayId)).link)

    expect((await agreed([near, far], quayId, 10_000)).members).toBe(2)
  })
})

function inviteIn(link: string): Invite {
  const outcome = parseInviteLink(link)
  if (outcome.kind === 'refused') throw new Error(outcome.message)
  return outcome.invite
}

import { describe, expect, it } from 'vitest'
import { AppError } from '../../../node/base/errors.ts'
import { guildWithChannel, openHome } from '../../kit/home.ts'

const refusal = (code: string) => expect.objectContaining({ name: AppError.name, code })

describe('posting', () => {
  it('a member posts and reads the trimmed text back', async () => {
    await using home = await openHome()
    const alice = home.account('alice')
    const { channelId } = await guildWithChannel(home, alice)

    const sent = await home.messages.send(alice, { channelId, sender: '', text: '\u0085 hello \n' }, '10.0.0.1')

    expect(sent.sequence).toBe(1)
    const [event] = home.messages.page(alice.userId, channelId, { limit: 50 })
    expect(JSON.parse(event?.body ?? '')).toMatchObject({
      event_id: sent.eventId,
      room_id: channelId,
      sender: alice.userId,
      content: { author: { id: alice.userId, username: 'alice' }, content: 'hello' },
    })
  })

  it('sequences count the messages of each channel on its own', async () => {
    await using home = await openHome()
    const alice = home.account('alice')
    const { guildId, channelId } = await guildWithChannel(home, alice)
    const other = await home.channels.create(alice, guildId, 'other')
    const say = (id: typeof channelId) => home.messages.send(alice, { channelId: id, sender: '', text: 'x' }, 'a')

    const sequences = [await say(channelId), await say(other.channel.id), await say(channelId)].map((s) => s.sequence)

    expect(sequences).toEqual([1, 1, 2])
  })

  it('the same txn_id again gives the first answer and stores nothing', async () => {
    await using home = await openHome()
    const alice = home.account('alice')
    const { channelId } = await guildWithChannel(home, alice)
    const message = { channelId, sender: '', text: 'once', txnId: 'abc' }

    const first = await home.messages.send(alice, message, 'a')
    const again = await home.messages.send(alice, message, 'a')

    expect(again.eventId).toBe(first.eventId)
    expect(again.originTs).toBe(first.originTs)
    expect(home.messages.page(alice.userId, channelId, { limit: 50 })).toHaveLength(1)
  })

  it('who is no member meets a channel that does not exist', async () => {
    await using home = await openHome()
    const { channelId } = await guildWithChannel(home, home.account('alice'))
    const mallory = home.account('mallory')

    await expect(home.messages.send(mallory, { channelId, sender: '', text: 'x' }, 'a')).rejects.toEqual(
      refusal('not_found'),
    )
    expect(() => home.messages.page(mallory.userId, channelId, { limit: 1 })).toThrow(refusal('not_found'))
  })

  it('a viewer reads but cannot post', async () => {
    await using home = await openHome()
    const [alice, victor] = [home.account('alice'), home.account('victor')]
    const { guildId, channelId } = await guildWithChannel(home, alice, victor)
    const member = { user_id: victor.userId, server_name: home.self }
    await home.timeline.send({
      guildId,
      eventType: 'member.roles',
      roomId: guildId,
      sender: alice.userId,
      content: { target: member, roles: ['viewer'] },
    })

    expect(home.messages.page(victor.userId, channelId, { limit: 1 })).toEqual([])
    await expect(home.messages.send(victor, { channelId, sender: '', text: 'x' }, 'a')).rejects.toEqual(
      refusal('forbidden'),
    )
  })

  it('checks run in the order of the contract', async () => {
    await using home = await openHome({ rateLimit: { user: 1, address: 3 } })
    const [alice, bob] = [home.account('alice'), home.account('bob')]
    const { channelId } = await guildWithChannel(home, alice, bob)
    const nowhere = '00000000-0000-4000-8000-000000000000' as typeof channelId
    const send = (who: typeof alice, message: { channelId: typeof channelId; sender: string; text: string }) =>
      home.messages.send(who, message, 'one address')
    const other = bob.userId

    await expect(send(alice, { channelId: nowhere, sender: other, text: ' ' })).rejects.toEqual(
      refusal('validation_error'),
    )
    await expect(send(alice, { channelId: nowhere, sender: other, text: 'a'.repeat(4001) })).rejects.toEqual(
      refusal('validation_error'),
    )
    await expect(send(alice, { channelId: nowhere, sender: other, text: 'a' })).rejects.toEqual(refusal('forbidden'))
    await expect(send(alice, { channelId: nowhere, sender: alice.userId, text: 'a' })).rejects.toEqual(
      refusal('not_found'),
    )
    await expect(send(alice, { channelId, sender: '', text: 'a' })).rejects.toEqual(refusal('rate_limited'))
    await send(bob, { channelId, sender: '', text: 'a' })
    await expect(send(bob, { channelId, sender: '', text: 'a' })).rejects.toEqual(refusal('rate_limited'))

    expect(home.rejections).toEqual([
      'message_empty',
      'message_length',
      'sender_mismatch',
      'message_rate_limit',
      'ip_rate_limit',
    ])
  })

  it('text of 4000 emoji is taken, one more is not', async () => {
    await using home = await openHome()
    const alice = home.account('alice')
    const { channelId } = await guildWithChannel(home, alice)

    await home.messages.send(alice, { channelId, sender: '', text: '🦀'.repeat(4000) }, 'a')

    await expect(home.messages.send(alice, { channelId, sender: '', text: '🦀'.repeat(4001) }, 'a')).rejects.toEqual(
      refusal('validation_error'),
    )
  })
})

describe('paging', () => {
  it('gives the newest without since and the oldest after it with since', async () => {
    await using home = await openHome()
    const alice = home.account('alice')
    const { channelId } = await guildWithChannel(home, alice)
    for (let n = 1; n <= 5; n += 1) await home.messages.send(alice, { channelId, sender: '', text: `${n}` }, 'a')
    const page = (query: { limit: number; since?: number }) =>
      home.messages.page(alice.userId, channelId, query).map((event) => event.sequence)

    expect(page({ limit: 2 })).toEqual([4, 5])
    expect(page({ limit: 2, since: 1 })).toEqual([2, 3])
    expect(page({ limit: 2, since: 9 })).toEqual([])
    expect(page({ limit: 0 })).toEqual([5])
    expect(page({ limit: -7 })).toEqual([5])
    expect(page({ limit: 1_000_000 })).toHaveLength(5)
  })
})

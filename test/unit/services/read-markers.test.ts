import { describe, expect, it } from 'vitest'
import { AppError } from '../../../node/base/errors.ts'
import { guildWithChannel, type Home, openHome } from '../../kit/home.ts'

const refusal = (code: string) => expect.objectContaining({ name: AppError.name, code })

type Account = ReturnType<Home['account']>

/** Two members of a guild; one of them has posted `messages`. */
async function conversation(home: Home, messages: number) {
  const [alice, bob] = [home.account('alice'), home.account('bob')]
  const { guildId, channelId } = await guildWithChannel(home, alice, bob)
  const say = (who: Account) => home.messages.send(who, { channelId, sender: '', text: 'x' }, 'a')
  for (let n = 0; n < messages; n += 1) await say(alice)
  return { alice, bob, guildId, channelId, say }
}

describe('read markers', () => {
  it('unread counts messages after the marker', async () => {
    await using home = await openHome()
    const { bob, channelId } = await conversation(home, 5)

    expect(await home.readMarkers.mark(bob.userId, channelId, 2)).toEqual({
      channelId,
      lastRead: 2,
      latest: 5,
      unread: 3,
    })
    expect(home.readMarkers.list(bob.userId)).toEqual([{ channelId, lastRead: 2, latest: 5, unread: 3 }])
  })

  it('a marker never moves backwards, though the answer shows what was asked', async () => {
    await using home = await openHome()
    const { bob, channelId } = await conversation(home, 5)
    await home.readMarkers.mark(bob.userId, channelId, 4)

    const answer = await home.readMarkers.mark(bob.userId, channelId, 1)

    expect(answer).toMatchObject({ lastRead: 1, unread: 4 })
    expect(home.readMarkers.list(bob.userId)).toMatchObject([{ lastRead: 4, unread: 1 }])
  })

  it.each([
    [undefined, 3],
    [99, 3],
    [-5, 0],
  ])('a mark at %s is taken as %s', async (asked, taken) => {
    await using home = await openHome()
    const { bob, channelId } = await conversation(home, 3)

    expect(await home.readMarkers.mark(bob.userId, channelId, asked)).toMatchObject({ lastRead: taken, latest: 3 })
  })

  it('the first listing of channels takes what is there as read, later ones change nothing', async () => {
    await using home = await openHome()
    const { alice, bob, guildId, channelId, say } = await conversation(home, 3)

    await home.channels.list(bob, guildId)
    await say(alice)
    await home.channels.list(bob, guildId)

    expect(home.readMarkers.list(bob.userId)).toEqual([{ channelId, lastRead: 3, latest: 4, unread: 1 }])
  })

  it('a channel one may not view has no read state', async () => {
    await using home = await openHome()
    const { channelId } = await conversation(home, 1)
    const mallory = home.account('mallory')

    await expect(home.readMarkers.mark(mallory.userId, channelId, 1)).rejects.toEqual(refusal('not_found'))
    expect(home.readMarkers.list(mallory.userId)).toEqual([])
  })
})

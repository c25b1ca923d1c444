import { expect, it } from 'vitest'
import { startNetwork } from '../kit/network.ts'

it('what was said while a node was off is there when it comes back', async () => {
  await using network = await startNetwork(['here', 'there'], { syncIntervalMs: 200 })
  const [here, there] = [network.node('here'), network.node('there')]
  const { guildId, channelId } = await here.found()
  await there.join(await here.invite(guildId))
  await network.settled(guildId)

  await there.stop()
  await here.post(channelId, 'are you there?')
  await there.restart()
  await network.connect(there, here)
  await network.settled(guildId)

  expect(there.texts(channelId)).toEqual(['are you there?'])
})

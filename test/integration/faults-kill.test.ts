import { expect, it } from 'vitest'
import { differences } from '../kit/agreement.ts'
import { type Client, signUp } from '../kit/client.ts'
import { createMachines } from '../kit/machines.ts'

/** `npm run test:kill` makes it 50. */
const ROUNDS = Number(process.env.KILL_ROUNDS ?? 10)
const WRITERS = 8
/** Until a few hundred messages are under way; another number each round, so that the blow falls at other moments. */
const messagesBefore = (round: number): number => 20 + ((round * 37) % 180)

it(
  `no acknowledged message is lost in ${ROUNDS} kills -9 under load`,
  async () => {
    await using machines = createMachines()
    const node = await machines.start('node')
    const alice = await signUp(node.address, 'alice')
    const { guild_id: guildId } = await alice.createGuild('Harbour')
    const { channel_id: channelId } = await alice.createChannel(guildId, 'general')
    const acknowledged = new Map<string, string>()

    for (let round = 1; round <= ROUNDS; round += 1) {
      const wanted = acknowledged.size + messagesBefore(round)
      const enough = Promise.withResolvers<void>()
      const writers = Array.from({ length: WRITERS }, (_, writer) =>
        writeUntilRefused(alice, channelId, `${round}.${writer}`, (eventId, text) => {
          acknowledged.set(eventId, text)
          if (acknowledged.size >= wanted) enough.resolve()
        }),
      )
      await enough.promise
      await node.kill9()
      await Promise.all(writers)
      await node.start()
    }

    const history = await alice.history(channelId)
    const kept = new Map(history.map((message) => [message.eventId, message.text]))
    const lost = [...acknowledged].filter(([eventId, text]) => kept.get(eventId) !== text)
    console.log(`${ROUNDS} kills: ${acknowledged.size} acknowledged, ${lost.length} lost, ${history.length} kept`)
    expect(lost).toEqual([])
    expect(await differences(channelId, [alice])).toEqual([])
    expect(history.map((message) => message.sequence)).toEqual(history.map((_, index) => index + 1))
    expect((await node.stop()).code).toBe(0)
  },
  ROUNDS * 10_000,
)

async function writeUntilRefused(
  writer: Client,
  channelId: string,
  name: string,
  onAcknowledged: (eventId: string, text: string) => void,
): Promise<void> {
  for (let count = 1; ; count += 1) {
    const text = `${name}.${count}`
    const sent = await writer.post(channelId, text).catch(() => undefined)
    if (sent === undefined) return
    onAcknowledged(sent.event_id, text)
  }
}

import { once } from 'node:events'
import { channelIdSchema, guildIdSchema, serverNameSchema, userIdSchema } from '../../node/base/ids.ts'
import { createHost } from '../../node/federation/host.ts'
import { topicOf } from '../../node/federation/topics.ts'
import { textOf } from './load/posting.ts'
import { openTimeline } from './stored-guild.ts'

// A member's node gone wild, in place of the real one: writes genuine events into its log, then gossips all of them as
// fast as it can. Prints `ready`, floods at a line on standard input, prints `flooded`.
// Arguments: data directory, guild, channel, author, number of events, peer id and address of the victim.

const [dataDir = '', guild, channel, author, count, victim, address = ''] = process.argv.slice(2)
const guildId = guildIdSchema.parse(guild)
const { texts, identitySeed } = await writeEvents(Number(count))
const host = await createHost({
  identitySeed,
  listen: [],
  announce: [],
  mdns: false,
  mayConnect: () => true,
  scoreOf: () => 0,
})
const listening = Promise.withResolvers<void>()
host.gossip.onSubscription((_peer, topic, listens) => {
  if (listens && topic === topicOf(guildId)) listening.resolve()
})
await host.start()
await host.dial(serverNameSchema.parse(victim), [address], AbortSignal.timeout(10_000))
await listening.promise

process.stdout.write('ready\n')
await once(process.stdin, 'data')
for (const text of texts) await host.gossip.publish(topicOf(guildId), text)
process.stdout.write('flooded\n')
await once(process.stdin, 'data')
await host.stop()
process.stdin.destroy()

async function writeEvents(total: number): Promise<{ texts: string[]; identitySeed: Uint8Array }> {
  const { timeline, close, ...node } = await openTimeline(dataDir)
  const sender = userIdSchema.parse(author)
  const roomId = channelIdSchema.parse(channel)
  const sent = await Promise.all(
    Array.from({ length: total }, (_, index) =>
      timeline.send({
        guildId,
        eventType: 'message',
        roomId,
        sender,
        content: { author: { id: sender, username: 'flooder' }, content: textOf(index) },
      }),
    ),
  )
  await close()
  return { texts: sent.map((event) => event.body), identitySeed: node.identitySeed }
}

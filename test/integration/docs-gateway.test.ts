import { describe, expect, it } from 'vitest'
import { signUp } from '../kit/client.ts'
import { shapeAsShown, shapeOf } from '../kit/json-shape.ts'
import { codeBlocksOf, readSource } from '../kit/markdown.ts'
import { startNode } from '../kit/node.ts'
import { openSocket, type SocketFrame } from '../kit/sockets.ts'
import { tempDir } from '../kit/temp-dir.ts'

const samples = codeBlocksOf(readSource('docs/gateway.md'))
const samplesOf = (socket: string): unknown[] =>
  samples.filter(({ name }) => name === socket).map(({ text }) => JSON.parse(text))

function expectAsShown(frames: readonly SocketFrame[], shown: readonly unknown[]): void {
  expect(frames.map((frame, index) => shapeAsShown(frame, shown[index]))).toEqual(shown.map(shapeOf))
}

describe('docs/gateway.md', () => {
  it('shows frames as a node sends them', async () => {
    await using node = await startNode(tempDir().path)
    const alice = await signUp(node.address, 'alice')
    const { guild_id: guildId } = await alice.createGuild('Bakers')
    const { channel_id: channelId } = await alice.createChannel(guildId, 'general')
    await using channel = await openSocket(`${node.address()}/channels/${channelId}/ws`, { token: alice.token() })
    await using notified = await openSocket(`${node.address()}/notifications/ws?access_token=${alice.token()}`)

    await alice.post(channelId, 'Rye, too')
    await notified.received(1)
    await alice.createChannel(guildId, 'orders')

    expectAsShown(await channel.received(1), samplesOf('channel'))
    expectAsShown(await notified.received(2), samplesOf('notification'))
  })
})

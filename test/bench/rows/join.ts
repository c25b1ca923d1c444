import { join as joinPath } from 'node:path'
import { z } from 'zod'
import { createdInviteSchema } from '../../../node/api/invites.ts'
import { ask, signUp } from '../../kit/client.ts'
import { logIn } from '../account.ts'
import { startBenchNode } from '../bench-node.ts'
import { type Row, sizeOf } from '../row.ts'
import { copyOf, openStoredGuild } from '../stored-guild.ts'
import { untilEqual } from '../town.ts'

const PATIENCE_MS = 300_000

export const join: Row = {
  name: 'join',
  title: 'Join a guild of 100 000 events',
  figures: [
    { name: 'readable_s', label: 'first readable channel', unit: 's', goal: { kind: 'at most', value: 2 } },
    { name: 'complete_s', label: 'all events here', unit: 's' },
  ],
  async run(context) {
    const kept = await openStoredGuild(context, sizeOf(context, 100_000, 50_000))
    const { dataDir, guildId, channelId, username } = copyOf(kept, joinPath(context.workDir, 'host'))
    await using host = await startBenchNode(dataDir)
    const token = await logIn(host.address(), username)
    const invite = await ask(host.address(), 'POST', `/guilds/${guildId}/invites`, { body: {}, token })
    const { link } = createdInviteSchema.parse(JSON.parse(invite.text))
    await using guest = await startBenchNode(joinPath(context.workDir, 'guest'))
    const client = await signUp(() => guest.address(), 'guest')

    const startedAt = performance.now()
    await client.join(link)
    const page = await client.ask('GET', `/channels/${channelId}/events?limit=50`)
    const readableMs = performance.now() - startedAt
    if (z.array(z.unknown()).min(1).safeParse(JSON.parse(page.text)).success === false) {
      throw new Error(`The channel cannot be read: ${page.status} ${page.text}`)
    }
    await untilEqual([host, guest], guildId, PATIENCE_MS)
    return { readable_s: readableMs / 1000, complete_s: (performance.now() - startedAt) / 1000 }
  },
}

import { cpSync, renameSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { agreed, differences, guildOn } from '../kit/agreement.ts'
import { signUp } from '../kit/client.ts'
import { ALONE, createMachines } from '../kit/machines.ts'
import { codesOf, readSource, tableOf } from '../kit/markdown.ts'
import { startNode } from '../kit/node.ts'
import { tempDir } from '../kit/temp-dir.ts'

const page = readSource('docs/OPERATIONS.md')

describe('docs/OPERATIONS.md', () => {
  it('lists the figures of a node with their types', async () => {
    await using node = await startNode(tempDir().path, {
      metrics: { enabled: true },
      p2p: { lan: false, gossip: true },
    })

    const text = await (await fetch(`${node.address()}/metrics`)).text()

    const given = [...text.matchAll(/^# TYPE (openguild_\w+) (\w+)$/gm)].map(([, name, type]) => `${name} ${type}`)
    const rows = tableOf(page, 'figures')
    const documented = codesOf(rows).map((name, index) => `${name} ${rows[index]?.[1]}`)
    expect(documented.toSorted()).toEqual(given.toSorted())
  })

  it('a backup put back as described learns from others what it wrote since, and harms nothing', async () => {
    await using machines = createMachines({ ...ALONE, 'sync.interval_secs': '1' })
    const [a, b] = await Promise.all([machines.start('a'), machines.start('b')])
    const [alice, bob] = await Promise.all([signUp(a.address, 'alice'), signUp(b.address, 'bob')])
    const { guild_id: guildId } = await alice.createGuild('Bakers')
    const { channel_id: channelId } = await alice.createChannel(guildId, 'general')
    await bob.join((await alice.invite(guildId)).link)
    await alice.post(channelId, 'before the backup')
    await agreed([a, b], guildId)

    await a.stop()
    cpSync(a.dataDir, `${a.dataDir}-backup`, { recursive: true })
    await a.start()
    await alice.post(channelId, 'after the backup')
    await agreed([a, b], guildId)

    await a.stop()
    renameSync(a.dataDir, `${a.dataDir}-lost`)
    renameSync(`${a.dataDir}-backup`, a.dataDir)
    await a.start()
    await agreed([a, b], guildId)
    await alice.post(channelId, 'after the restore')
    await agreed([a, b], guildId)

    expect((await alice.history(channelId)).map(({ text }) => text)).toEqual([
      'before the backup',
      'after the backup',
      'after the restore',
    ])
    expect(await differences(channelId, [alice, bob])).toEqual([])
    expect((await guildOn(b, guildId)).equivocated).toEqual([])
  })
})

import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { agreed, differences } from '../kit/agreement.ts'
import { ask, type Client, signUp } from '../kit/client.ts'
import { ALONE, createMachines, type Machines } from '../kit/machines.ts'
import { type ProcessNode, runOpenguild } from '../kit/process-node.ts'

const canMount = process.platform === 'linux' && process.getuid?.() === 0

/** A node whose data directory is a disk of its own. */
async function startOnSmallDisk(machines: Machines) {
  const path = machines.file('small-disk')
  mkdirSync(path)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', path])
  const node = await machines.start('small-disk')
  const alice = await signUp(node.address, 'alice')
  const { guild_id: guildId } = await alice.createGuild('Harbour')
  const { channel_id: channelId } = await alice.createChannel(guildId, 'general')
  const ballast = join(path, 'ballast')
  return {
    node,
    alice,
    guildId,
    channelId,
    fill: () => fill(ballast),
    empty: () => rmSync(ballast),
    [Symbol.dispose]: () => void execFileSync('umount', ['--lazy', path]),
  }
}

/** Takes what is left, to the last page; the node may be writing, too. */
function fill(ballast: string): void {
  const page = Buffer.alloc(4096)
  try {
    for (;;) appendFileSync(ballast, page)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  }
}

/** SQLite may have room left in files it holds already. */
async function untilRefused(alice: Client, channelId: string): Promise<{ acknowledged: string[]; status: number }> {
  const acknowledged: string[] = []
  for (;;) {
    const answer = await alice.ask('POST', `/channels/${channelId}/messages`, {
      sender: '',
      content: 'x'.repeat(3_000),
    })
    if (answer.status !== 200) return { acknowledged, status: answer.status }
    acknowledged.push(JSON.parse(answer.text).event_id)
  }
}

const readiness = async (node: ProcessNode) => JSON.parse((await ask(node.address(), 'GET', '/ready')).text)

describe.runIf(canMount)('a full disk (a small tmpfs: exists only on Linux, as root)', () => {
  it('refuses writes with 507, serves what is there, says why, and goes on once there is space', async () => {
    await using machines = createMachines()
    using disk = await startOnSmallDisk(machines)
    const { node, alice, guildId, channelId } = disk
    const { event_id: early } = await alice.post(channelId, 'early')
    await using socket = await alice.listen(channelId)

    disk.fill()
    const { acknowledged, status } = await untilRefused(alice, channelId)

    expect(status).toBe(507)
    expect((await alice.ask('POST', '/guilds', { name: 'Another' })).status).toBe(507)
    expect(await alice.ask('POST', `/guilds/${guildId}/invites`, {})).toMatchObject({
      status: 507,
      code: 'storage_full',
    })
    const kept = (await alice.history(channelId)).map(({ eventId }) => eventId)
    expect(kept).toEqual([early, ...acknowledged])
    expect(await readiness(node)).toMatchObject({
      status: 'degraded',
      components: expect.arrayContaining([{ name: 'database', status: 'error', details: 'storage_full' }]),
    })
    expect((await node.openguild('status')).stdout).toMatch(/database +failed.*free some space/)

    disk.empty()
    const { event_id: late } = await alice.post(channelId, 'late')

    expect((await socket.until(({ text }) => text === 'late')).eventId).toBe(late)
    expect((await readiness(node)).status).toBe('ready')
    await node.kill9()
    await node.start()
    expect((await alice.history(channelId)).map(({ eventId }) => eventId)).toEqual([early, ...acknowledged, late])
  })

  it('answers a login with 507 and its code', async () => {
    await using machines = createMachines()
    using disk = await startOnSmallDisk(machines)
    const { alice, channelId } = disk
    disk.fill()
    await untilRefused(alice, channelId)

    const login = { identifier: 'alice', secret: 'correct horse battery', device: { device_id: 'another' } }
    const answer = await alice.ask('POST', '/sessions/login', login)

    expect(answer).toMatchObject({ status: 507, code: 'storage_full' })
  })

  it('loses nothing of what others post meanwhile', async () => {
    await using machines = createMachines({ ...ALONE, 'sync.interval_secs': '1' })
    using disk = await startOnSmallDisk(machines)
    const { node, alice, guildId, channelId } = disk
    const other = await machines.start('other')
    const bob = await signUp(other.address, 'bob')
    await bob.join((await alice.invite(guildId)).link)
    await agreed([node, other], guildId)

    disk.fill()
    await untilRefused(alice, channelId)
    for (let count = 0; count < 20; count += 1) await bob.post(channelId, `meanwhile ${count} ${'x'.repeat(3_000)}`)
    disk.empty()

    await agreed([node, other], guildId)
    expect(await differences(channelId, [alice, bob])).toEqual([])
  })

  it('lets the node stop with 0, refuses a start in words, and is no obstacle once there is space', async () => {
    await using machines = createMachines()
    using disk = await startOnSmallDisk(machines)
    const { node, alice, channelId } = disk
    disk.fill()
    const { acknowledged } = await untilRefused(alice, channelId)

    expect((await node.stop()).code).toBe(0)
    fill(join(node.dataDir, 'ballast'))
    const start = ['start', '--headless', '--data-dir', node.dataDir, '--bind-addr', '127.0.0.1:0']
    const refused = await runOpenguild(start, { cwd: machines.file(''), settings: ALONE })
    disk.empty()
    await node.start()

    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/disk is full/)
    expect(refused.stderr).not.toMatch(/^ {4}at /m)
    expect((await alice.history(channelId)).map(({ eventId }) => eventId)).toEqual(acknowledged)
  })
})

import { execFileSync } from 'node:child_process'
import { chmodSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { silentLogger } from '../../node/base/log.ts'
import type { ReadTx, WriteTx } from '../../node/storage/database.ts'
import { openDatabaseReader, openNodeDatabase } from '../../node/storage/open.ts'
import { startChild } from '../kit/child.ts'
import { tempDir } from '../kit/temp-dir.ts'

const isRoot = process.getuid?.() === 0
const canMount = process.platform === 'linux' && isRoot

function open(path: string) {
  const db = openNodeDatabase(path, { synchronous: 'full', maxBatch: 64, log: silentLogger })
  onTestFinished(() => db.close())
  return db
}

const put =
  (key: string, bytes = 1_000) =>
  (tx: WriteTx) =>
    void tx.run('INSERT INTO meta (key, value) VALUES (?, ?)', key, 'x'.repeat(bytes))

const keys = (tx: ReadTx) =>
  tx.all<{ key: string }>(`SELECT key FROM meta WHERE key LIKE 'test.%'`).map((row) => row.key)

/** Writes until the disk is full; gives what was acknowledged. */
async function fill(db: ReturnType<typeof open>): Promise<string[]> {
  const acknowledged: string[] = []
  for (let round = 0; round < 10_000; round += 1) {
    const batch = Array.from({ length: 8 }, (_, index) => `test.${round}.${index}`)
    const settled = await Promise.allSettled(batch.map((key) => db.write(put(key))))
    acknowledged.push(...batch.filter((_, index) => settled[index]?.status === 'fulfilled'))
    const failure = settled.find((result) => result.status === 'rejected')
    if (failure === undefined) continue
    expect(failure.reason).toMatchObject({ code: 'storage_full', message: expect.stringContaining('free some space') })
    return acknowledged
  }
  throw new Error('The disk never got full')
}

describe.runIf(canMount)('a full disk (a small tmpfs: exists only on Linux, as root)', () => {
  function smallDisk(): { path: string; database: string; ballast: string } {
    const { path } = tempDir()
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', path])
    onTestFinished(() => void execFileSync('umount', ['--lazy', path]))
    const ballast = `${path}/ballast`
    writeFileSync(ballast, Buffer.alloc(2 * 1024 * 1024))
    return { path, database: `${path}/node.db`, ballast }
  }

  it('fails the writes that do not fit, keeps every acknowledged one, and goes on once there is space', async () => {
    const disk = smallDisk()
    const db = open(disk.database)

    const acknowledged = await fill(db)

    expect(acknowledged.length).toBeGreaterThan(100)
    expect(db.health()).toMatchObject({ status: 'failed', details: expect.stringContaining('free some space') })
    expect(new Set(db.read(keys))).toEqual(new Set(acknowledged))

    rmSync(disk.ballast)
    await db.write(put('test.after'))

    expect(db.health()).toEqual({ status: 'ready' })
    expect(new Set(db.read(keys))).toEqual(new Set([...acknowledged, 'test.after']))
  })

  it('keeps what was acknowledged when the node stops while the disk is full', async () => {
    const disk = smallDisk()
    const db = open(disk.database)
    const acknowledged = await fill(db)

    db.close()
    rmSync(disk.ballast)

    expect(new Set(open(disk.database).read(keys))).toEqual(new Set(acknowledged))
  })

  it('leaves no half-made database behind', () => {
    const disk = smallDisk()
    writeFileSync(`${disk.path}/rest`, Buffer.alloc(4 * 1024 * 1024 - 16_384))

    expect(() => open(disk.database)).toThrow(expect.objectContaining({ code: 'storage_full' }))

    expect(readdirSync(disk.path).sort()).toEqual(['ballast', 'rest'])
  })
})

describe('other processes', () => {
  it('a look at the database of a running node sees what was committed', async () => {
    const path = tempDir().file('node.db')
    const child = startChild('storage-child.ts', ['append', path])
    await child.printed(50)

    const reader = openDatabaseReader(path)
    const total = reader.read((tx) => tx.get<{ total: number }>('SELECT count(*) AS total FROM events')?.total)
    reader.close()
    child.process.kill('SIGKILL')
    await child.ended

    expect(total).toBeGreaterThanOrEqual(49)
  })

  it('a program that locks the database for long fails writes with a clear error, and they work again after it', async () => {
    const path = tempDir().file('node.db')
    const db = open(path)
    const child = startChild('storage-child.ts', ['hold', path])
    await child.printed(1)

    await expect(db.write(put('test.during'))).rejects.toMatchObject({
      code: 'database_unavailable',
      fault: 'in_use',
      message: expect.stringContaining('Another program is using the database'),
    })
    expect(db.health()).toMatchObject({ status: 'failed' })
    child.process.stdin?.end()
    await child.ended
    await db.write(put('test.after'))

    expect(db.read(keys)).toEqual(['test.after'])
    expect(db.health()).toEqual({ status: 'ready' })
  })
})

describe.skipIf(process.platform === 'win32')('rights', () => {
  /** Opens as a user who is not root, for whom no rights count. */
  async function openAsUser(path: string): Promise<unknown> {
    const child = startChild('storage-child.ts', ['open', path], isRoot ? { uid: 65_534 } : {})
    await child.ended
    return child.lines[0] === 'opened' ? 'opened' : JSON.parse(child.lines[0] ?? 'null')
  }

  it('a database this user may not write is refused, not opened for reading', async () => {
    const directory = tempDir()
    const path = directory.file('node.db')
    open(path).close()
    chmodSync(directory.path, 0o777)
    chmodSync(path, 0o444)

    expect(await openAsUser(path)).toEqual({ fault: 'no_permission', message: expect.stringContaining('node.db') })
  })

  it('a folder this user may not write is refused', async () => {
    const directory = tempDir()
    chmodSync(directory.path, 0o555)
    onTestFinished(() => chmodSync(directory.path, 0o755))

    expect(await openAsUser(directory.file('node.db'))).toEqual({
      fault: 'no_permission',
      message: expect.stringContaining(directory.path),
    })
  })

  it.runIf(canMount)('a read-only file system is named (exists only on Linux, as root)', () => {
    const directory = tempDir()
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,ro', 'tmpfs', directory.path])
    onTestFinished(() => void execFileSync('umount', ['--lazy', directory.path]))

    expect(() => open(directory.file('node.db'))).toThrow(expect.objectContaining({ fault: 'read_only' }))
  })
})

describe('kill -9', () => {
  const ROUNDS = 20

  it(
    `at ${ROUNDS} random moments under load loses nothing acknowledged and needs no repair`,
    { timeout: 120_000 },
    async () => {
      const path = tempDir().file('node.db')
      const acknowledged: string[] = []
      const kills: number[] = []

      for (let round = 0; round < ROUNDS; round += 1) {
        const killAfter = 1 + Math.floor(Math.random() * 400)
        kills.push(killAfter)
        const child = startChild('storage-child.ts', ['append', path])
        await child.printed(killAfter)
        child.process.kill('SIGKILL')
        await child.ended
        const [lastStop, ...ids] = child.lines
        acknowledged.push(...ids)
        expect(lastStop, `kills after ${kills}`).toBe(round === 0 ? 'new' : 'unclean')
      }
      const db = open(path)
      const stored = new Set(
        db.read((tx) => tx.all<{ event_id: string }>('SELECT event_id FROM events').map((row) => row.event_id)),
      )
      const lost = acknowledged.filter((id) => !stored.has(id))

      console.info(`${ROUNDS} kills, ${acknowledged.length} writes acknowledged, ${lost.length} lost`)
      expect(lost, `kills after ${kills}`).toEqual([])
      expect(await db.integrity).toMatchObject({ kind: 'sound' })
    },
  )
})

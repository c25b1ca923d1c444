import { once } from 'node:events'
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeRecoveryPhrase } from '../../node/config/recovery-phrase.ts'
import { signUp } from '../kit/client.ts'
import { ALONE, createMachines, type Machines } from '../kit/machines.ts'
import { type Finished, runNode, runOpenguild } from '../kit/process-node.ts'

let machines: Machines

beforeAll(() => {
  machines = createMachines()
})

afterAll(() => machines[Symbol.asyncDispose]())

/** A start that must not succeed. */
const refusedStart = (dataDir: string, ...flags: string[]): Promise<Finished> =>
  runOpenguild(['start', '--headless', '--data-dir', dataDir, '--bind-addr', '127.0.0.1:0', ...flags], {
    cwd: machines.file(''),
    settings: ALONE,
    timeoutMs: 10_000,
  })

/** Words for the person who started it, and no trace of our innards. */
function expectRefusal({ code, stdout, stderr }: Finished, ...says: RegExp[]): void {
  expect(code).toBe(1)
  for (const words of says) expect(stderr).toMatch(words)
  expect(stderr).not.toMatch(/^ {4}at /m)
  expect(stdout).toBe('')
}

async function usedDataDir(name: string): Promise<string> {
  const node = await machines.start(name)
  const alice = await signUp(node.address, 'alice')
  await alice.createGuild('Harbour')
  await node.stop()
  return node.dataDir
}

function damage(path: string, from: number, bytes: Uint8Array): void {
  const file = openSync(path, 'r+')
  writeSync(file, bytes, 0, bytes.length, from)
  closeSync(file)
}

describe('what is taken already', () => {
  it('an API port in use is refused with the port and a way out', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const address = taken.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0

    const outcome = await refusedStart(machines.file('a'), '--bind-addr', `127.0.0.1:${port}`)

    taken.close()
    expectRefusal(outcome, new RegExp(`127\\.0\\.0\\.1:${port} is in use`), /--port/)
  })

  it('a peer port in use is refused with the port and a way out', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const address = taken.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0

    const outcome = await refusedStart(machines.file('b'), '--p2p-port', String(port))

    taken.close()
    expectRefusal(outcome, new RegExp(String(port)), /--p2p-port/)
  })

  it('a data directory in use is refused, and the node that has it goes on', async () => {
    const first = await machines.start('shared')
    const alice = await signUp(first.address, 'alice')

    const outcome = await refusedStart(first.dataDir)

    expectRefusal(outcome, new RegExp(`in use by the node with process id ${first.pid()}`), /--data-dir/)
    expect((await alice.createGuild('Harbour')).name).toBe('Harbour')
    await first.kill9()
    await first.start()
    expect(await alice.guilds()).toHaveLength(1)
  })
})

describe('one database for two nodes', () => {
  it('is refused to the second, though it has a data directory of its own', async () => {
    const guest = await usedDataDir('guest')
    const first = await machines.start('owner')
    const database = `sqlite:${join(first.dataDir, 'openguild.db')}`

    const outcome = await refusedStart(guest, '--database-url', database)

    expectRefusal(outcome, /Another node is using the database .*openguild\.db/)
    expect((await (await signUp(first.address, 'alice')).createGuild('Harbour')).name).toBe('Harbour')
  })
})

describe('a database of another node', () => {
  it('is refused, though that node is not running, and stays usable to its own', async () => {
    const guest = await usedDataDir('visitor')
    const first = await machines.start('host')
    const peerId = (await first.status()).peer_id
    await first.stop()

    const outcome = await refusedStart(guest, '--database-url', `sqlite:${join(first.dataDir, 'openguild.db')}`)

    expectRefusal(outcome, new RegExp(`openguild\\.db belongs to the node ${peerId}`))
    await first.start()
    expect((await first.stop()).code).toBe(0)
  })
})

describe.skipIf(process.platform === 'win32')('what a node keeps', () => {
  const forOthers = (path: string) => statSync(path).mode & 0o077

  it('is for its owner only', async () => {
    const node = await machines.start('private')
    const kept = readdirSync(node.dataDir, { recursive: true, encoding: 'utf8' }).map((name) =>
      join(node.dataDir, name),
    )

    expect(kept.length).toBeGreaterThan(8)
    expect(kept.filter((path) => forOthers(path) !== 0)).toEqual([])
    await node.stop()
  })

  it('is in a directory for its owner only', async () => {
    const dataDir = machines.file('not/there/yet')

    const made = await runOpenguild(['migrate', '--data-dir', dataDir], { cwd: machines.file('') })

    expect(made.code).toBe(0)
    expect(['not', 'not/there', 'not/there/yet'].map((name) => forOthers(machines.file(name)))).toEqual([0, 0, 0])
  })
})

describe('what is damaged', () => {
  it('a database with a damaged page after an unclean stop is refused, kept as it is, and can still be exported', async () => {
    const node = await machines.start('torn')
    const alice = await signUp(node.address, 'alice')
    const { guild_id: guildId } = await alice.createGuild('Harbour')
    const { channel_id: channelId } = await alice.createChannel(guildId, 'general')
    for (let count = 0; count < 50; count += 1) await alice.post(channelId, 'x'.repeat(2_000))
    await node.stop()
    await node.start()
    await node.kill9()
    const path = join(node.dataDir, 'openguild.db')
    damage(path, 4096 * 12, Buffer.alloc(4096, 0xa5))
    const before = readFileSync(path)

    const outcome = await refusedStart(node.dataDir)

    expectRefusal(outcome, /damaged/, /openguild export-events/)
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('a file that is no database is refused and kept', async () => {
    const dataDir = await usedDataDir('noise')
    const path = join(dataDir, 'openguild.db')
    damage(path, 0, Buffer.from('this is not a database at all'))

    expectRefusal(await refusedStart(dataDir), /is not a database/, /export-events/)
    expect(readFileSync(path).subarray(0, 15).toString()).toBe('this is not a d')
  })

  it('a database of a newer program is refused', async () => {
    const dataDir = await usedDataDir('newer')
    const sqlite = new Sqlite(join(dataDir, 'openguild.db'))
    sqlite.pragma('user_version = 9999')
    sqlite.close()

    expectRefusal(await refusedStart(dataDir), /newer/)
  })

  it.each(['identity.json', 'session-key', 'admin-token'])('a damaged %s is named, with what to do', async (name) => {
    const dataDir = await usedDataDir(`bad-${name}`)
    copyFileSync(join(dataDir, name), join(dataDir, `${name}.kept`))
    writeFileSync(join(dataDir, name), 'garbage')

    expectRefusal(await refusedStart(dataDir), new RegExp(name.replace('.', '\\.')))

    copyFileSync(join(dataDir, `${name}.kept`), join(dataDir, name))
    const node = machines.nodes.find((made) => made.dataDir === dataDir)
    await node?.start()
    expect((await node?.stop())?.code).toBe(0)
  })

  it('a lost identity is not replaced by a new one', async () => {
    const dataDir = await usedDataDir('lost')
    rmSync(join(dataDir, 'identity.json'))

    expectRefusal(await refusedStart(dataDir), /identity/)
    expect(existsSync(join(dataDir, 'identity.json'))).toBe(false)
  })
})

describe('what cannot be', () => {
  it('a data directory below a file is refused', async () => {
    writeFileSync(machines.file('a-file'), '')

    expectRefusal(await refusedStart(machines.file('a-file/data')), /cannot be used/, /--data-dir/)
  })

  it('all mistakes in the configuration are told at once, each with where it is', async () => {
    const flags = ['--port', '0', '--host', 'localhost', '--sync-interval-secs', 'soon']

    expectRefusal(await refusedStart(machines.file('c'), ...flags), /--port/, /--host/, /--sync-interval-secs/)
  })

  it('an unknown command or flag shows where help is', async () => {
    const unknown = await runOpenguild(['fly'], { cwd: machines.file('') })

    expect(unknown.code).toBe(1)
    expect(unknown.stderr).toMatch(/unknown command 'fly'/)
    expect(unknown.stderr).toMatch(/--help/)
  })

  it('a Node that is too old is told so before anything else happens', async () => {
    const pretend = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.20.2'})`

    const outcome = await runNode(['--import', pretend, 'node/openguild.mjs', '--version'], { cwd: process.cwd() })

    expectRefusal(outcome, /needs Node 24 or newer; this is Node 20\.20\.2/, /npm start/)
  })
})

describe('the recovery phrase', () => {
  it('is shown with a warning beside it, and is the identity of the node', async () => {
    const dataDir = await usedDataDir('phrase')

    const shown = await runOpenguild(['keys', 'phrase', '--data-dir', dataDir], { cwd: machines.file('') })

    expect(shown.code).toBe(0)
    expect(shown.stderr).toMatch(/Whoever has these words can be this node/)
    const { identity } = JSON.parse(readFileSync(join(dataDir, 'identity.json'), 'utf8'))
    expect(Buffer.from(decodeRecoveryPhrase(shown.stdout)).toString('base64url')).toBe(identity.seed)
  })

  it('of a sealed identity needs its passphrase', async () => {
    const dataDir = await usedDataDir('sealed-phrase')
    writeFileSync(machines.file('passphrase'), 'open sesame')
    const phrase = (settings: Record<string, string> = {}) =>
      runOpenguild(['keys', 'phrase', '--data-dir', dataDir], { cwd: machines.file(''), settings })
    const before = await phrase()
    const sealing = await phrase({ 'identity.passphrase_file': machines.file('passphrase') })

    expectRefusal(await phrase(), /is sealed/, /OPENGUILD_PASSPHRASE/)
    expect(sealing.stdout).toBe(before.stdout)
    expect((await phrase({ 'identity.passphrase_file': machines.file('passphrase') })).stdout).toBe(before.stdout)
  })
})

describe('commands without a node', () => {
  it.each([['status'], ['user', 'list'], ['join', 'openguild://join/abc'], ['peer', 'list']])(
    'openguild %s says that no node is running here',
    async (...words) => {
      const outcome = await runOpenguild([...words, '--data-dir', machines.file('nobody')], { cwd: machines.file('') })

      expectRefusal(outcome, /No node is running|not running|no node/i)
    },
  )

  it('after kill -9 they say so too, although the address of the node was left behind', async () => {
    const node = await machines.start('killed')
    await node.kill9()

    expectRefusal(await node.openguild('status'), /not running|no node/i)
  })
})

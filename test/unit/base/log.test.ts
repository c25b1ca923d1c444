import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLogger, type LoggerOptions } from '../../../node/base/log-create.ts'
import { runWithRequestId } from '../../../node/base/request-context.ts'

const NOON = Date.UTC(2026, 0, 2, 12)
const ACCESS_TOKEN = `${Buffer.from('{"session_id":"0b0f3c1e"}').toString('base64url')}.${'A'.repeat(86)}`

function capture(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = []
  const log = createLogger({
    format: 'json',
    level: 'debug',
    sink: (line) => lines.push(line),
    clock: { now: () => NOON },
    ...options,
  })
  return { log, lines, parsed: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) }
}

describe('a JSON line', () => {
  it('is one pure JSON object with time, level, message and fields', () => {
    const { log, lines } = capture()

    log.info({ peer: '12D3Koo', events: 3 }, 'Caught up')

    expect(lines).toEqual([
      '{"time":"2026-01-02T12:00:00.000Z","level":"info","msg":"Caught up","peer":"12D3Koo","events":3}',
    ])
  })

  it('carries the id of the request it was written in, also after an await', async () => {
    const { log, parsed } = capture()

    await runWithRequestId('r-1', async () => {
      await Promise.resolve()
      log.info({}, 'inside')
    })
    log.info({}, 'outside')

    expect(parsed()).toMatchObject([{ msg: 'inside', request_id: 'r-1' }, { msg: 'outside' }])
    expect(parsed()[1]).not.toHaveProperty('request_id')
  })

  it('keeps its own time, level and message when a field is called the same', () => {
    const { log, parsed } = capture()

    log.warn({ level: 'debug', msg: 'forged', time: 0 }, 'real')

    expect(parsed()).toMatchObject([{ level: 'warn', msg: 'real', level_: 'debug', msg_: 'forged', time_: 0 }])
  })
})

describe('a compact line', () => {
  it('has time, level, message and fields as pairs', () => {
    const { log, lines } = capture({ format: 'compact' })

    runWithRequestId('r-1', () => log.warn({ peer: '12D3Koo', reason: 'no route', tries: 2 }, 'Cannot reach a peer'))

    expect(lines).toEqual([
      '2026-01-02T12:00:00.000Z WARN  Cannot reach a peer request_id=r-1 peer=12D3Koo reason="no route" tries=2',
    ])
  })

  it('cannot be broken in two, nor steer a terminal, by what a client sent', () => {
    const { log, lines } = capture({ format: 'compact' })

    log.info({ name: 'a\nb\u001b[2J\u009b2J\u202e' }, 'first\nsecond')

    expect(lines).toHaveLength(1)
    // oxlint-disable-next-line no-control-regex
    expect(lines[0]).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
  })
})

describe('levels and children', () => {
  it('lines below the level are not written', () => {
    const { log, parsed } = capture({ level: 'warn' })

    log.debug({}, 'a')
    log.info({}, 'b')
    log.warn({}, 'c')
    log.error({}, 'd')

    expect(parsed().map((line) => line['level'])).toEqual(['warn', 'error'])
  })

  it('a child adds its fields to every line, and a line may override them', () => {
    const { log, parsed } = capture()

    log.child({ area: 'sync', peer: 'a' }).child({ round: 1 }).info({ peer: 'b' }, 'x')

    expect(parsed()).toMatchObject([{ area: 'sync', peer: 'b', round: 1 }])
  })

  it('two loggers in one process know nothing of each other', () => {
    const quiet = capture({ level: 'error' })
    const chatty = capture({ format: 'compact' })

    quiet.log.info({}, 'x')
    chatty.log.info({}, 'y')

    expect(quiet.lines).toEqual([])
    expect(chatty.lines).toHaveLength(1)
  })
})

describe('redaction', () => {
  it.each([
    'token',
    'access_token',
    'refreshToken',
    'admin-token',
    'password',
    'password_hash',
    'passphrase',
    'secret',
    'authorization',
    'Set-Cookie',
    'identity_seed',
    'seeds',
    'signing_key',
    'sessionSigningKey',
    'private_key',
    'proof',
    'recovery_phrase',
  ])('a field named %s is hidden at any depth', (name) => {
    const { log, lines } = capture()

    log.info({ [name]: 'sesame', request: { headers: [{ [name]: 'sesame' }] } }, 'x')

    expect(lines[0]).not.toContain('sesame')
  })

  it.each(['public_key', 'key_id', 'token_count', 'peer_id'])('a field named %s is shown', (name) => {
    const { log, lines } = capture()

    log.info({ [name]: 'visible' }, 'x')

    expect(lines[0]).toContain('visible')
  })

  it.each([
    ['a bearer token', 'Authorization: Bearer sesame.sesame-1', 'sesame'],
    ['a token in a query', 'GET /channels/1/ws?x=1&access_token=sesame HTTP/1.1', 'sesame'],
    ['an access token', `refused ${ACCESS_TOKEN}`, ACCESS_TOKEN],
    ['an invite link', 'open openguild://join/sesame now', 'sesame'],
  ])('%s inside text is hidden', (_, text, secret) => {
    const { log, lines } = capture({ format: 'compact' })

    log.info({ text, list: [text], error: new Error(text) }, text)

    expect(lines[0]).not.toContain(secret)
  })
})

describe('odd values', () => {
  it('an error is written with its cause and own fields', () => {
    const { log, parsed } = capture()

    log.error({ error: Object.assign(new Error('no space', { cause: new Error('disk') }), { code: 'ENOSPC' }) }, 'x')

    expect(parsed()).toMatchObject([
      { error: { name: 'Error', message: 'no space', code: 'ENOSPC', cause: { message: 'disk' } } },
    ])
  })

  it('cycles, depth, bytes, big numbers and long lists do not break a line', () => {
    const { log, parsed } = capture()
    const cycle: Record<string, unknown> = {
      big: 10n,
      bytes: new Uint8Array(3),
      none: undefined,
      at: new Date(Number.NaN),
    }
    cycle['self'] = cycle
    const deep = Array.from({ length: 20 }).reduce<unknown>((inner) => ({ inner }), 'bottom')

    log.info({ cycle, deep, long: Array.from({ length: 1000 }, (_, at) => at), set: new Set([1]) }, 'x')

    expect(parsed()[0]?.['cycle']).toEqual({ big: '10', bytes: '[3 bytes]', at: '[no date]', self: '[circular]' })
    expect(JSON.stringify(parsed()[0]?.['deep'])).not.toContain('bottom')
    expect(parsed()[0]).toMatchObject({ set: [1] })
    expect([parsed()[0]?.['long']].flat().at(-1)).toBe('[900 more]')
  })
})

describe('the log file', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'openguild-log-'))
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  it('holds the same lines as the sink and is for its owner only', () => {
    const path = join(directory, 'logs', 'node.log')
    const { log, lines } = capture({ file: { path, maxSizeBytes: 100_000, keepFiles: 2 } })

    log.info({}, 'one')
    log.info({}, 'two')

    expect(readFileSync(path, 'utf8').trimEnd().split(/\r?\n/)).toEqual(lines)
    if (process.platform === 'win32') return
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700)
  })

  it('is put aside by size and only so many are kept, newest first', () => {
    const path = join(directory, 'node.log')
    const { log } = capture({ file: { path, maxSizeBytes: 200, keepFiles: 2 } })

    for (let number = 0; number < 20; number++) log.info({ number, pad: 'x'.repeat(150) }, 'line')

    expect(readdirSync(directory).sort()).toEqual(['node.log', 'node.log.1', 'node.log.2'])
    expect(readFileSync(`${path}`, 'utf8')).toContain('"number":19')
    expect(readFileSync(`${path}.1`, 'utf8')).toContain('"number":18')
    expect(readFileSync(`${path}.2`, 'utf8')).toContain('"number":17')
  })

  it('that cannot be written is named once, and the lines still reach the sink', () => {
    const path = join(directory, 'node.log')
    mkdirSync(path)
    const { log, parsed } = capture({ file: { path, maxSizeBytes: 200, keepFiles: 2 } })

    log.info({}, 'one')
    log.info({}, 'two')

    const complaints = parsed().filter((line) => line['path'] === path)
    expect(complaints).toMatchObject([{ level: 'error', msg: expect.stringContaining('log file cannot be written') }])
    expect(parsed().map((line) => line['msg'])).toEqual(expect.arrayContaining(['one', 'two']))
  })

  it.runIf(process.platform === 'linux')('on a full disk complains once and loses no line of the sink', () => {
    const { log, parsed } = capture({ file: { path: '/dev/full', maxSizeBytes: 1_000_000, keepFiles: 1 } })

    log.info({}, 'one')
    log.info({}, 'two')

    expect(parsed().filter((line) => line['path'] === '/dev/full')).toHaveLength(1)
    expect(parsed().map((line) => line['msg'])).toEqual(expect.arrayContaining(['one', 'two']))
  })
})

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../../node/config/load.ts'
import { ConfigError, type ConfigProblem } from '../../../node/config/problems.ts'
import type { FlagValues } from '../../../node/config/flags.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'openguild-config-'))
  mkdirSync(join(directory, 'config'))
})
afterEach(() => rmSync(directory, { recursive: true }))

function file(name: string, content: string): void {
  writeFileSync(join(directory, 'config', name), content)
}

function load(env: NodeJS.ProcessEnv = {}, flags: FlagValues = {}) {
  return loadConfig({ directory, env, flags })
}

function problemsOf(env: NodeJS.ProcessEnv = {}, flags: FlagValues = {}): readonly ConfigProblem[] {
  try {
    load(env, flags)
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.problems
    throw thrown
  }
  return []
}

const KEY = 'A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg'

describe('order of the sources', () => {
  it('defaults listen on loopback and need no file', () => {
    const { config } = loadConfig({ directory: join(directory, 'nowhere'), env: {} })

    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      server_name: hostname(),
      log_format: 'compact',
      registration: 'auto',
      metrics: { enabled: false },
      messaging: {
        max_messages_per_user_per_window: 60,
        max_messages_per_ip_per_window: 200,
        rate_limit_window_secs: 60,
      },
      mls: { ciphersuite: 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519' },
      storage: { synchronous: 'full' },
    })
  })

  it('a flag beats the environment, which beats the local file, which beats the file', () => {
    file('server.toml', 'port = 1\nserver_name = "file"\nlog_level = "warn"\nlog_format = "json"\n')
    file('server.local.yaml', 'port: 2\nserver_name: local\nlog_level: error\n')

    const loaded = load({ OPENGUILD_SERVER__PORT: '3', OPENGUILD_SERVER__SERVER_NAME: 'env' }, { port: '4' })

    expect(loaded.config).toMatchObject({ port: 4, server_name: 'env', log_level: 'error', log_format: 'json' })
    expect(['port', 'server_name', 'log_level', 'log_format', 'host'].map(loaded.sourceOf)).toEqual([
      '--port',
      'OPENGUILD_SERVER__SERVER_NAME',
      'config/server.local.yaml',
      'config/server.toml',
      undefined,
    ])
  })

  it('tables merge key by key, lists are replaced as a whole', () => {
    file(
      'server.json',
      '{"metrics":{"enabled":true},"cors":{"allowed_origins":["https://a.example","https://b.example"]}}',
    )
    file('server.local.yml', 'metrics:\n  bind_addr: 127.0.0.1:9100\ncors:\n  allowed_origins: [https://c.example]\n')

    const { config } = load()

    expect(config.metrics).toEqual({ enabled: true, bind_addr: '127.0.0.1:9100' })
    expect(config.cors.allowed_origins).toEqual(['https://c.example'])
  })

  it('an empty value in a file or a variable counts as not given', () => {
    file('server.yaml', 'bind_addr:\nmetrics:\n')

    expect(load({ OPENGUILD_SERVER__PORT: '' }).config).toMatchObject({ port: 8080, metrics: { enabled: false } })
  })

  it('relative paths start at the given directory', () => {
    const { config } = load({}, { data_dir: './a', database_url: 'sqlite:b/c.db' })

    expect(config).toMatchObject({
      data_dir: join(directory, 'a'),
      database_url: `sqlite:${join(directory, 'b/c.db')}`,
    })
  })
})

describe('the environment', () => {
  it('names are read in any letter case', () => {
    expect(load({ openguild_server__Messaging__Rate_Limit_Window_Secs: '5' }).config.messaging).toMatchObject({
      rate_limit_window_secs: 5,
    })
  })

  it('numbered variables make a list in the order of their numbers', () => {
    const { config } = load({
      OPENGUILD_SERVER__CORS__ALLOWED_ORIGINS__10: 'https://second.example',
      OPENGUILD_SERVER__CORS__ALLOWED_ORIGINS__2: 'https://first.example',
    })

    expect(config.cors.allowed_origins).toEqual(['https://first.example', 'https://second.example'])
  })

  it('numbered variables make a list of tables', () => {
    const { config } = load({
      OPENGUILD_SERVER__FEDERATION__TRUSTED_SERVERS__0__SERVER_NAME: 'one.example',
      OPENGUILD_SERVER__FEDERATION__TRUSTED_SERVERS__0__KEY_ID: '1',
      OPENGUILD_SERVER__FEDERATION__TRUSTED_SERVERS__0__VERIFYING_KEY: ` ${KEY} `,
    })

    expect(config.federation.trusted_servers).toEqual([{ server_name: 'one.example', key_id: '1', verifying_key: KEY }])
  })

  it.each([
    ['true', true],
    ['1', true],
    ['YES', true],
    ['off', false],
    ['0', false],
  ])('%s is read as the boolean %s', (text, expected) => {
    expect(load({ OPENGUILD_SERVER__METRICS__ENABLED: text }).config.metrics.enabled).toBe(expected)
  })

  it('a name of digits stays text', () => {
    expect(load({ OPENGUILD_SERVER__SERVER_NAME: '007' }).config.server_name).toBe('007')
  })

  it('other variables are left alone', () => {
    expect(problemsOf({ OPENGUILD_TOKEN: 'x', DATABASE_URL: 'postgres://x', PORT: 'x' })).toEqual([])
  })

  it('two spellings of one variable are a problem', () => {
    const problems = problemsOf({ OPENGUILD_SERVER__PORT: '1', OPENGUILD_SERVER__port: '2' })

    expect(problems).toEqual([
      {
        path: 'port',
        source: 'OPENGUILD_SERVER__port',
        message: 'is set twice; keep one of it and OPENGUILD_SERVER__PORT',
      },
    ])
  })

  it('a port or host that a weaker bind_addr would win over is pointed out, not passed over', () => {
    const env = { OPENGUILD_SERVER__BIND_ADDR: '127.0.0.1:9000' }

    const problems = problemsOf(env, { port: '8081', host: '0.0.0.0' })

    const message = expect.stringContaining('bind_addr of OPENGUILD_SERVER__BIND_ADDR wins')
    expect(problems).toEqual([
      { path: 'host', source: '--host', message },
      { path: 'port', source: '--port', message },
    ])
    expect(problemsOf({ ...env, OPENGUILD_SERVER__PORT: '8081' })).toEqual([])
    expect(problemsOf({ OPENGUILD_SERVER__PORT: '8081' }, { bind_addr: '127.0.0.1:9000' })).toEqual([])
  })

  it('a value for a table and for a key in it are a problem', () => {
    const problems = problemsOf({ OPENGUILD_SERVER__METRICS: 'true', OPENGUILD_SERVER__METRICS__ENABLED: 'true' })

    expect(problems.map((problem) => problem.message)).toContain(
      'is set twice; keep one of it and OPENGUILD_SERVER__METRICS',
    )
  })
})

describe('problems', () => {
  it('are reported all at once, each with its path, source and remedy', () => {
    file('server.toml', 'prot = 1\nlog_format = "xml"\n[messaging]\nrate_limit_window_secs = 0\n')

    const problems = problemsOf(
      {
        OPENGUILD_SERVER__HOST: 'example.org',
        OPENGUILD_SERVER__FEDERATION__TRUSTED_SERVERS__7__SERVER_NAME: ' ',
        OPENGUILD_SERVER__FEDERATION__TRUSTED_SERVERS__7__KEY_ID: '1',
        OPENGUILD_SERVER__FEDERATION__TRUSTED_SERVERS__7__VERIFYING_KEY: KEY,
      },
      { port: '99999', 'session.fallback_verifying_keys': [KEY, `${KEY}==`] },
    )

    expect(Object.fromEntries(problems.map(({ path, source, message }) => [path, [source, message]]))).toEqual({
      prot: ['config/server.toml', 'is not a known key, did you mean port?'],
      log_format: ['config/server.toml', 'must be one of compact, json, got "xml"'],
      'messaging.rate_limit_window_secs': ['config/server.toml', 'must be a whole number from 1 to 86400, got 0'],
      host: [
        'OPENGUILD_SERVER__HOST',
        'must be an IP address such as 127.0.0.1, 0.0.0.0 or ::1, not a host name, got "example.org"',
      ],
      'federation.trusted_servers.0.server_name': [
        'OPENGUILD_SERVER__FEDERATION__TRUSTED_SERVERS__7__SERVER_NAME',
        'must name the server, got " "',
      ],
      port: ['--port', 'must be a whole number from 1 to 65535, got 99999'],
      'session.fallback_verifying_keys.1': [
        '--session-fallback-verifying-key',
        `must be an Ed25519 public key: 32 bytes in URL-safe base64 without padding (43 characters), got "${KEY}=="`,
      ],
    })
  })

  it('one message holds them all', () => {
    expect(() => load({}, { port: '0', host: 'x' })).toThrow(
      'The configuration has 2 problems:\n' +
        '  host (--host): must be an IP address such as 127.0.0.1, 0.0.0.0 or ::1, not a host name, got "x"\n' +
        '  port (--port): must be a whole number from 1 to 65535, got 0',
    )
  })

  it('a secret is never part of a message', () => {
    const problems = problemsOf({
      OPENGUILD_SERVER__SESSION__SIGNING_KEY: 'sesame',
      OPENGUILD_SERVER__ADMIN__TOKEN: 'sesame',
    })

    expect(problems.map((problem) => problem.path)).toEqual(['session.signing_key', 'admin.token'])
    expect(JSON.stringify(problems)).not.toContain('sesame')
  })

  it('a password inside a URL is not part of a message', () => {
    const [problem] = problemsOf({ OPENGUILD_SERVER__DATABASE_URL: 'postgres://root:sesame@host/db' })

    expect(problem?.message).toContain('got "postgres://…@host/db"')
  })

  it.each<[string, NodeJS.ProcessEnv, string, string]>([
    ['port 0', { PORT: '0' }, 'port', 'from 1 to 65535'],
    ['a port with a fraction', { PORT: '80.5' }, 'port', 'whole number'],
    ['a port in words', { PORT: 'http' }, 'port', 'whole number'],
    ['a bind address without port', { BIND_ADDR: '127.0.0.1' }, 'bind_addr', 'IP address and a port'],
    ['a bind address with a host name', { BIND_ADDR: 'localhost:80' }, 'bind_addr', 'IP address and a port'],
    ['a bind address with a port too high', { BIND_ADDR: '127.0.0.1:70000' }, 'bind_addr', 'IP address and a port'],
    ['an IPv6 bind address without brackets', { BIND_ADDR: '::1:80' }, 'bind_addr', 'IP address and a port'],
    ['a blank server name', { SERVER_NAME: ' ' }, 'server_name', '1 to 255'],
    ['PostgreSQL', { DATABASE_URL: 'postgres://u:p@h/d' }, 'database_url', 'sqlite:'],
    ['a database in memory', { DATABASE_URL: 'sqlite::memory:' }, 'database_url', 'sqlite:'],
    ['an origin with a path', { CORS__ALLOWED_ORIGINS__0: 'https://a.example/x' }, 'cors.allowed_origins.0', 'origin'],
    ['a list given as text', { CORS__ALLOWED_ORIGINS: 'https://a.example' }, 'cors.allowed_origins', 'a list'],
    ['a table given as text', { METRICS: 'true' }, 'metrics', 'table of keys'],
    ['a boolean in other words', { METRICS__ENABLED: 'maybe' }, 'metrics.enabled', 'true or false'],
    ['MLS without identities', { MLS__ENABLED: 'true' }, 'mls.identities', 'at least one identity'],
    ['a multiaddr without slash', { P2P__LISTEN__0: '0.0.0.0:1' }, 'p2p.listen.0', 'multiaddr'],
    ['a padded signing key', { SESSION__SIGNING_KEY: `${KEY}=` }, 'session.signing_key', 'without padding'],
    ['a short admin token', { ADMIN__TOKEN: 'short' }, 'admin.token', '32 characters'],
    ['an unknown registration', { REGISTRATION: 'everyone' }, 'registration', 'auto, open, invite, closed'],
    ['an idle timeout under the ping', { LIMITS__WS_IDLE_TIMEOUT_SECS: '5' }, 'limits.ws_idle_timeout_secs', 'longer'],
    ['a key in the wrong table', { SIGNING_KEY: KEY }, 'signing_key', 'did you mean session.signing_key?'],
    ['a key nobody knows', { FROBNICATE: 'x' }, 'frobnicate', 'remove it'],
    ['a prototype', { __PROTO__: 'x' }, '', 'not a known key'],
  ])('%s is refused', (_, variables, path, message) => {
    const env = Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [`OPENGUILD_SERVER__${name}`, value]),
    )

    const problems = problemsOf(env)

    expect(problems).toHaveLength(1)
    expect(problems[0]?.message).toContain(message)
    if (path) expect(problems[0]).toMatchObject({ path, source: expect.stringContaining('OPENGUILD_SERVER__') })
  })

  it.each([
    ['an IPv6 bind address', { bind_addr: '[::1]:0' }],
    ['an IPv4 bind address', { bind_addr: '0.0.0.0:443' }],
    ['any origin', { cors: { allowed_origins: ['*'] } }],
    ['an absolute database path', { database_url: 'sqlite:///tmp/a.db' }],
    ['several listen addresses', { p2p: { listen: ['/ip4/0.0.0.0/tcp/1', '/ip6/::/tcp/1', '/ip4/0.0.0.0/tcp/2/ws'] } }],
    ['MLS with an identity', { mls: { enabled: true, identities: ['alice'] } }],
    ['Unicode in the display name', { server_name: 'Gilde der Bäcker 🥐' }],
  ])('%s is accepted', (_, content) => {
    file('server.json', JSON.stringify(content))

    expect(problemsOf()).toEqual([])
  })

  it.each([
    ['server.toml', 'port = ', 'cannot be read'],
    ['server.yaml', 'port: [', 'cannot be read'],
    ['server.json', '{', 'cannot be read'],
    ['server.local.json', '[]', 'must hold keys and values'],
    ['server.json5', '{}', 'cannot be read; write it as server.toml'],
  ])('a bad %s is named', (name, content, message) => {
    file(name, content)

    const [problem] = problemsOf({ OPENGUILD_SERVER__PORT: 'x' })

    expect(problem?.source).toContain(name)
    expect(problem?.message).toContain(message)
    expect(problemsOf({ OPENGUILD_SERVER__PORT: 'x' })).toHaveLength(2)
  })

  it('two files for one layer are a problem, so that nobody edits the one that is not read', () => {
    file('server.toml', '')
    file('server.json', '{}')

    expect(problemsOf()).toEqual([
      { path: 'server.json', source: 'server.json', message: 'would be read beside server.toml; keep one of the two' },
    ])
  })

  it('a directory in place of a file is named', () => {
    mkdirSync(join(directory, 'config', 'server.toml'))

    expect(problemsOf()[0]).toMatchObject({ path: 'config/server.toml' })
  })
})

describe('secrets', () => {
  it('are not in the config an area receives', () => {
    const loaded = load({ OPENGUILD_SERVER__SESSION__SIGNING_KEY: ` ${KEY} `, OPENGUILD_PASSPHRASE: 'open sesame' })

    expect(loaded.secrets).toEqual({ sessionSigningKey: KEY, adminToken: undefined, passphrase: 'open sesame' })
    expect(JSON.stringify(loaded.config)).not.toContain(KEY)
  })

  it('a passphrase can come from the first line of a file', () => {
    writeFileSync(join(directory, 'pass'), 'open sesame\nmore\n')

    expect(load({}, { 'identity.passphrase_file': 'pass' }).secrets.passphrase).toBe('open sesame')
  })

  it.each([
    ['missing', undefined],
    ['empty', '\n'],
  ])('a %s passphrase file stops the start', (_, content) => {
    if (content !== undefined) writeFileSync(join(directory, 'pass'), content)

    expect(problemsOf({}, { 'identity.passphrase_file': 'pass' })).toMatchObject([{ path: 'identity.passphrase_file' }])
  })
})

it('the config cannot be changed', () => {
  const { config } = load()

  expect(Object.isFrozen(config)).toBe(true)
  expect(Object.isFrozen(config.messaging)).toBe(true)
  expect(Object.isFrozen(config.cors.allowed_origins)).toBe(true)
})

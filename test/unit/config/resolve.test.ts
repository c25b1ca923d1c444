import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../../node/config/parse.ts'
import {
  apiAddress,
  databasePath,
  isLoopback,
  loggerOptions,
  metricsAddress,
  p2pListenAddresses,
  registrationMode,
  usesMdns,
} from '../../../node/config/resolve.ts'

const config = (input: object = {}) => parseConfig(input).config

describe('the API address', () => {
  it('is host and port', () => {
    expect(apiAddress(config({ host: '::1', port: 81 }))).toEqual({ host: '::1', port: 81 })
  })

  it('is bind_addr when that is given', () => {
    expect(apiAddress(config({ host: '::1', port: 81, bind_addr: '0.0.0.0:0' }))).toEqual({ host: '0.0.0.0', port: 0 })
  })
})

describe('metrics', () => {
  it('have their own listener only when enabled', () => {
    const bind_addr = '[::1]:9100'

    expect(metricsAddress(config({ metrics: { bind_addr } }))).toBeUndefined()
    expect(metricsAddress(config({ metrics: { enabled: true } }))).toBeUndefined()
    expect(metricsAddress(config({ metrics: { enabled: true, bind_addr } }))).toEqual({ host: '::1', port: 9100 })
  })
})

describe('registration', () => {
  it.each([
    ['127.0.0.1', 'open'],
    ['127.8.9.1', 'open'],
    ['::1', 'open'],
    ['0.0.0.0', 'invite'],
    ['::', 'invite'],
    ['192.168.1.5', 'invite'],
  ])('on %s is %s unless configured', (host, mode) => {
    expect(registrationMode(config({ host }))).toBe(mode)
  })

  it('is what is configured', () => {
    expect(registrationMode(config({ registration: 'closed' }))).toBe('closed')
  })

  it('an IPv4 loopback address in IPv6 spelling is loopback', () => {
    expect(isLoopback('::ffff:127.0.0.1')).toBe(true)
    expect(isLoopback('::ffff:10.0.0.1')).toBe(false)
  })
})

describe('the log', () => {
  it('is kept in the data directory unless the file is switched off', () => {
    expect(loggerOptions(config({ data_dir: '/data', log_level: 'warn' }))).toEqual({
      format: 'compact',
      level: 'warn',
      file: { path: '/data/logs/openguild.log', maxSizeBytes: 10 * 1024 * 1024, keepFiles: 5 },
    })
    expect(loggerOptions(config({ log_file: { enabled: false } }))).not.toHaveProperty('file')
  })
})

describe('the database', () => {
  it.each([
    [undefined, '/data/openguild.db'],
    ['sqlite:/x/y.db', '/x/y.db'],
    ['sqlite:///x/y.db', '/x/y.db'],
  ])('%s is the file %s', (database_url, path) => {
    expect(databasePath(config({ data_dir: '/data', database_url }))).toBe(path)
  })
})

describe('peers', () => {
  it('can connect from the LAN unless that is switched off', () => {
    expect(p2pListenAddresses(config())).toEqual(['/ip4/0.0.0.0/tcp/0'])
    expect(p2pListenAddresses(config({ p2p: { lan: false, port: 4001 } }))).toEqual(['/ip4/127.0.0.1/tcp/4001'])
  })

  it('connect to the listed addresses when there are some', () => {
    expect(p2pListenAddresses(config({ p2p: { listen: ['/ip6/::/tcp/1'], lan: false } }))).toEqual(['/ip6/::/tcp/1'])
  })

  it('are looked for only where they can answer', () => {
    expect(usesMdns(config())).toBe(true)
    expect(usesMdns(config({ p2p: { lan: false } }))).toBe(false)
    expect(usesMdns(config({ p2p: { mdns: false } }))).toBe(false)
  })
})

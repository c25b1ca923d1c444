import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { clientAddress, type TrustProxy } from '../../../node/http/middleware/client-address.ts'

/** As much of a request as an address is read from. */
const requestFrom = (remoteAddress: string | undefined, forwarded?: string) =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as never as IncomingMessage

test.each<[peer: string | undefined, header: string | undefined, TrustProxy, address: string, isLocal: boolean]>([
  ['127.0.0.1', undefined, 'loopback', '127.0.0.1', true],
  ['::1', undefined, 'loopback', '::1', true],
  ['::ffff:127.0.0.1', undefined, 'loopback', '127.0.0.1', true],
  ['198.51.100.1', undefined, 'loopback', '198.51.100.1', false],
  [undefined, undefined, 'loopback', 'unknown', false],
  ['127.0.0.1', '203.0.113.5', 'loopback', '203.0.113.5', false],
  ['127.0.0.1', '203.0.113.5', 'never', '127.0.0.1', false],
  ['198.51.100.1', '203.0.113.5', 'loopback', '198.51.100.1', false],
  ['198.51.100.1', '203.0.113.5', 'always', '203.0.113.5', false],
  ['127.0.0.1', '203.0.113.5, 10.0.0.1', 'loopback', '203.0.113.5', false],
  ['127.0.0.1', 'forged, 192.0.2.77, 203.0.113.5', 'loopback', '203.0.113.5', false],
  ['127.0.0.1', '192.168.1.4, 10.0.0.1', 'loopback', '192.168.1.4', false],
  ['127.0.0.1', '2001:db8::7, fd00::1', 'loopback', '2001:db8::7', false],
  ['127.0.0.1', 'not an address', 'loopback', '127.0.0.1', false],
  ['127.0.0.1', '', 'loopback', '127.0.0.1', false],
])('peer %s saying %s, proxies trusted %s: %s', (peer, header, trust, address, isLocal) => {
  expect(clientAddress(requestFrom(peer, header), trust)).toMatchObject({ address, isLocal })
})

test('what the client says of itself is told apart from what a proxy says', () => {
  expect(clientAddress(requestFrom('127.0.0.1', '203.0.113.5'), 'loopback').forwarded).toBe('203.0.113.5')
  expect(clientAddress(requestFrom('198.51.100.1', '203.0.113.5'), 'loopback').forwarded).toBeUndefined()
})

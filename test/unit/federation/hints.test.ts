import { describe, expect, it } from 'vitest'
import { usableHints } from '../../../node/federation/hints.ts'

const away = { sharesHost: false }
const BOB = '12D3KooWPoEYTb3bdqDMTxmgFcxtCJtNwVLgiUYYkxH7ns4EVb5w'

describe('addresses that one node tells of another', () => {
  it.each([
    '/ip4/192.168.1.5/tcp/4001',
    '/ip6/fd00::5/tcp/4001',
    '/dns4/harbour.example/tcp/443/wss',
    '/ip4/10.0.0.5/tcp/4002/ws',
  ])('%s is taken', (address) => {
    expect(usableHints([address], away)).toEqual([address])
  })

  it.each([
    { what: 'no multiaddr', address: 'harbour.example:4001' },
    { what: 'a broken one', address: '/ip4/1.2.3/tcp/x' },
    { what: 'nothing', address: '' },
    { what: 'a way over another peer', address: `/ip4/192.0.2.1/tcp/1/p2p/${BOB}/p2p-circuit` },
    { what: 'a transport we do not have', address: '/ip4/192.0.2.1/udp/1/quic-v1' },
    { what: 'any address', address: '/ip4/0.0.0.0/tcp/4001' },
    { what: 'any address of IPv6', address: '/ip6/::/tcp/4001' },
    { what: 'the own computer', address: '/ip4/127.0.0.1/tcp/4001' },
    { what: 'the own computer by IPv6', address: '/ip6/::1/tcp/4001' },
  ])('$what is passed over', ({ address }) => {
    expect(usableHints([address, '/ip4/192.0.2.7/tcp/7'], away)).toEqual(['/ip4/192.0.2.7/tcp/7'])
  })

  it('the own computer is taken from a node that shares it', () => {
    expect(usableHints(['/ip4/127.0.0.1/tcp/4001'], { sharesHost: true })).toEqual(['/ip4/127.0.0.1/tcp/4001'])
  })

  it('are kept without the peer at their end', () => {
    expect(usableHints([`/ip4/192.0.2.7/tcp/7/p2p/${BOB}`], away)).toEqual(['/ip4/192.0.2.7/tcp/7'])
  })
})

import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { createAdmission } from '../../../node/gateway/admission.ts'
import { createOriginCheck } from '../../../node/gateway/origins.ts'
import { parseTarget } from '../../../node/gateway/target.ts'

const ID = '3b7f3e93-7c9c-47f5-91d3-cbf09dc5a8f6'
const HANDSHAKE = { 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }

const target = (url: string, headers: Record<string, string> = HANDSHAKE, method = 'GET') =>
  parseTarget({ url, headers, method } as unknown as IncomingMessage)

describe('upgrade requests', () => {
  it.each([`/channels/${ID}/ws`, `/client/v1/channels/${ID.toUpperCase()}/ws`, `/channels/%7B${ID}%7D/ws?x=1`])(
    '%s asks for a channel',
    (url) => {
      expect(target(url)).toMatchObject({ kind: 'channel', channelId: ID, since: undefined })
    },
  )

  it.each(['/notifications/ws', '/client/v1/notifications/ws?access_token=x'])('%s asks for notifications', (url) => {
    expect(target(url)).toMatchObject({ kind: 'notifications' })
  })

  it('since is the last sequence a client has; anything else there is ignored', () => {
    expect(target(`/channels/${ID}/ws?since=41`)).toMatchObject({ since: 41 })
    expect(target(`/channels/${ID}/ws?since=-1`)).toMatchObject({ since: undefined })
    expect(target(`/channels/${ID}/ws?since=abc`)).toMatchObject({ since: undefined })
  })

  it.each([
    '/',
    `/channels/${ID}`,
    `/channels/${ID}/ws/`,
    `/v1/channels/${ID}/ws`,
    '/client/v1/client/v1/notifications/ws',
  ])('%s is nothing to connect to', (url) => {
    expect(target(url)).toEqual({ kind: 'refused', status: 404 })
  })

  it('an id that is no UUID is 400', () => {
    expect(target('/channels/nope/ws')).toMatchObject({ kind: 'refused', status: 400 })
    expect(target('/channels/%ff/ws')).toMatchObject({ kind: 'refused', status: 400 })
  })

  it('a broken handshake is 400, another method 405', () => {
    const { 'sec-websocket-key': _key, ...keyless } = HANDSHAKE
    expect(target(`/channels/${ID}/ws`, keyless)).toMatchObject({ kind: 'refused', status: 400 })
    expect(target(`/channels/${ID}/ws`, { ...HANDSHAKE, 'sec-websocket-version': '8' })).toMatchObject({ status: 400 })
    expect(target(`/channels/${ID}/ws`, HANDSHAKE, 'POST')).toMatchObject({ kind: 'refused', status: 405 })
  })
})

describe('origins', () => {
  it('without a list every page may connect', () => {
    expect(createOriginCheck([])('https://anywhere.example')).toBe(true)
    expect(createOriginCheck(['*', 'https://a.example'])('https://anywhere.example')).toBe(true)
  })

  it.each([
    [undefined, true],
    ['https://app.example', true],
    ['http://localhost:5173', true],
    ['http://127.0.0.1:8080', true],
    ['http://[::1]:8080', true],
    ['https://evil.example', false],
    ['https://localhost.evil.example', false],
    ['http://127.0.0.1.evil.example', false],
    ['null', false],
  ])('with a list, %s: %s', (origin, isAllowed) => {
    expect(createOriginCheck(['https://app.example'])(origin)).toBe(isAllowed)
  })
})

describe('places', () => {
  it('are limited in all and per user, and come back', () => {
    const admission = createAdmission({ total: 3, perUser: 2 })
    const leave = admission.enter('alice')
    admission.enter('alice')

    expect(admission.enter('alice')).toBeUndefined()
    expect(admission.enter('bob')).toBeDefined()
    expect(admission.enter('carol')).toBeUndefined()

    leave?.()
    expect(admission.open()).toBe(2)
    expect(admission.enter('alice')).toBeDefined()
  })
})

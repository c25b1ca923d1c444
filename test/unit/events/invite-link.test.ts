import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toBase64Url, utf8 } from '../../../node/base/bytes.ts'
import { guildIdSchema, inviteIdSchema } from '../../../node/base/ids.ts'
import { encodeInviteLink, type Invite, parseInviteLink } from '../../../node/events/invite-link.ts'
import { CHANNEL, GUILD_ID, ORIGIN, OTHER_ORIGIN, seedOf } from './sample.ts'

const invite: Invite = {
  guild_id: guildIdSchema.parse(GUILD_ID),
  guild_name: 'Küche 🍲',
  invite_id: inviteIdSchema.parse(CHANNEL),
  secret: toBase64Url(seedOf(8)),
  peers: [
    { peer_id: ORIGIN, addresses: ['/ip4/192.168.1.5/tcp/4001', '/ip6/::1/tcp/4001'] },
    { peer_id: OTHER_ORIGIN, addresses: [] },
  ],
  expires_at: 1_800_000_000_000,
}
const link = encodeInviteLink(invite)
const linkOf = (value: unknown): string => `openguild://join/${toBase64Url(utf8(JSON.stringify(value)))}`

describe('an invite link', () => {
  it('carries the invite there and back', () => {
    const { expires_at: _, ...endless } = invite
    expect(parseInviteLink(link)).toEqual({ kind: 'invite', invite })
    expect(parseInviteLink(encodeInviteLink(endless))).toEqual({ kind: 'invite', invite: endless })
  })

  it('holds no more peers and addresses than its reader takes', () => {
    const addresses = Array.from({ length: 40 }, (_, port) => `/ip4/10.0.0.1/tcp/${port}`)
    const crowded = { ...invite, peers: Array.from({ length: 9 }, () => ({ peer_id: ORIGIN, addresses })) }

    const peer = { peer_id: ORIGIN, addresses: addresses.slice(0, 16) }
    expect(parseInviteLink(encodeInviteLink(crowded))).toMatchObject({ invite: { peers: [peer, peer, peer, peer] } })
  })

  it('survives what chat programs and browsers do to a link', () => {
    expect(parseInviteLink(`  ${link}\n`).kind).toBe('invite')
    expect(parseInviteLink(`${link}/`).kind).toBe('invite')
    expect(parseInviteLink(link.replace('openguild', 'OpenGuild')).kind).toBe('invite')
  })

  it('without its last characters is called damaged', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: link.length - 'openguild://join/'.length }), (cut) => {
        expect(parseInviteLink(link.slice(0, -cut))).toMatchObject({ kind: 'refused', fault: 'damaged' })
      }),
    )
  })

  it.each(['', 'https://example.org', 'openguild://chat/x', 'join/abc'])('is not %j', (text) => {
    expect(parseInviteLink(text)).toMatchObject({ fault: 'not_a_link' })
  })

  it('of a later version asks for an update', () => {
    expect(parseInviteLink(linkOf({ v: 2, whatever: true }))).toMatchObject({ fault: 'newer_version' })
  })

  it('names the field that is wrong', () => {
    const wrong: Record<string, unknown>[] = [
      { guild_id: 'x' },
      { secret: 'short' },
      { peers: [] },
      { peers: [{ peer_id: 'example.org', addresses: [] }] },
      { peers: [{ peer_id: ORIGIN, addresses: ['localhost:4001'] }] },
      { peers: Array.from({ length: 5 }, () => ({ peer_id: ORIGIN, addresses: [] })) },
      { guild_name: ' ' },
      { expires_at: '2030' },
    ]
    for (const change of wrong) {
      const outcome = parseInviteLink(linkOf({ ...invite, v: 1, ...change }))
      expect(outcome).toMatchObject({
        fault: 'bad_field',
        message: expect.stringContaining(Object.keys(change).join()),
      })
    }
  })

  it('of enormous length is refused before it is decoded', () => {
    expect(parseInviteLink(`openguild://join/${'A'.repeat(1_000_000)}`)).toMatchObject({ fault: 'damaged' })
  })
})

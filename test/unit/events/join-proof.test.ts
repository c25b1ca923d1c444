import { describe, expect, it } from 'vitest'
import { guildIdSchema, userIdSchema } from '../../../node/base/ids.ts'
import { createJoinProof, invitePublicKey, isJoinProof } from '../../../node/events/join-proof.ts'
import { base64Url32Schema, base64Url64Schema } from '../../../node/events/schema/content.ts'
import { ALICE, CHANNEL, GUILD_ID, ORIGIN, OTHER_ORIGIN, seedOf } from './sample.ts'

const secret = seedOf(8)
const publicKey = invitePublicKey(secret)
const joiner = { guildId: guildIdSchema.parse(GUILD_ID), userId: ALICE, serverName: ORIGIN }
const proof = createJoinProof(secret, joiner)

describe('a join proof', () => {
  it('holds for the joiner it was made for', () => {
    expect(isJoinProof(proof, publicKey, joiner)).toBe(true)
  })

  it('is useless for another user, another node or another guild', () => {
    expect(isJoinProof(proof, publicKey, { ...joiner, userId: userIdSchema.parse(CHANNEL) })).toBe(false)
    expect(isJoinProof(proof, publicKey, { ...joiner, serverName: OTHER_ORIGIN })).toBe(false)
    expect(isJoinProof(proof, publicKey, { ...joiner, guildId: guildIdSchema.parse(CHANNEL) })).toBe(false)
  })

  it('does not hold for another invite', () => {
    expect(isJoinProof(proof, invitePublicKey(seedOf(9)), joiner)).toBe(false)
  })

  it.each(['', 'not base64!', 'AAAA', `${'A'.repeat(85)}B`])('is not %j', (text) => {
    expect(isJoinProof(text, publicKey, joiner)).toBe(false)
    expect(isJoinProof(proof, text, joiner)).toBe(false)
  })

  it('and its key have the spelling that content asks for', () => {
    expect(base64Url32Schema.safeParse(publicKey).success).toBe(true)
    expect(base64Url64Schema.safeParse(proof).success).toBe(true)
  })
})

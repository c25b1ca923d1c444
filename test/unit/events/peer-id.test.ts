import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id'
import { describe, expect, it } from 'vitest'
import { publicKeyOfSeed } from '../../../node/events/keys.ts'
import { isPeerId, peerIdOfPublicKey, publicKeyOfPeerId } from '../../../node/events/peer-id.ts'
import { seedOf } from './sample.ts'

describe('a peer id', () => {
  it('is the one libp2p makes of the same key', async () => {
    for (const filler of [0, 1, 77, 255]) {
      const privateKey = await generateKeyPairFromSeed('Ed25519', seedOf(filler))

      expect(peerIdOfPublicKey(publicKeyOfSeed(seedOf(filler)))).toBe(peerIdFromPrivateKey(privateKey).toString())
    }
  })

  it('gives its public key back', () => {
    const publicKey = publicKeyOfSeed(seedOf(5))
    const peerId = peerIdOfPublicKey(publicKey)

    expect(publicKeyOfPeerId(peerId)).toEqual(publicKey)
    expect(peerIdFromString(peerId).publicKey?.raw).toEqual(publicKey)
  })

  it.each([
    '',
    'alpha.example.org',
    'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N',
    '16Uiu2HAm9Y2VZUpqRFxoMkZBNjHGDsgsHTSFTPkYVWKW2SuuvNgZ',
    `12D3Koo${'0'.repeat(45)}`,
    `12D3KooW${'1'.repeat(44)}1`,
    '1'.repeat(100_000),
  ])('is not %.60j', (name) => {
    expect(isPeerId(name)).toBe(false)
  })
})

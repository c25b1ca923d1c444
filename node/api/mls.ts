import { z } from 'zod'
import { toBase64Url } from '../base/bytes.ts'
import type { HandshakeVector, KeyPackage } from '../services/mls.ts'
import { presentTime, timeSchema } from './times.ts'

const key = (description: string) => z.string().describe(`${description}; base64url without padding`)

export const keyPackageSchema = z
  .object({
    identity: z.string(),
    ciphersuite: z.string(),
    signature_key: key('Ed25519 public key'),
    hpke_public_key: key('X25519 public key'),
    rotated_at: timeSchema('When these keys were made'),
  })
  .meta({ id: 'KeyPackage' })

export const handshakeVectorSchema = z
  .object({
    identity: z.string(),
    ciphersuite: z.string(),
    message: z.string(),
    signature: key('Ed25519 signature over the message'),
    verifying_key: key('Ed25519 public key'),
  })
  .meta({ id: 'HandshakeVector' })

export const presentKeyPackage = (keys: KeyPackage): z.output<typeof keyPackageSchema> => ({
  identity: keys.identity,
  ciphersuite: keys.ciphersuite,
  signature_key: toBase64Url(keys.signatureKey),
  hpke_public_key: toBase64Url(keys.hpkePublicKey),
  rotated_at: presentTime(keys.rotatedAt),
})

export const presentHandshakeVector = (vector: HandshakeVector): z.output<typeof handshakeVectorSchema> => ({
  identity: vector.identity,
  ciphersuite: vector.ciphersuite,
  message: vector.message,
  signature: toBase64Url(vector.signature),
  verifying_key: toBase64Url(vector.verifyingKey),
})

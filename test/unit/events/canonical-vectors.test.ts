import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { fromBase64Url } from '../../../node/base/bytes.ts'
import { signEvent } from '../../../node/events/build.ts'
import { canonicalNode } from '../../../node/events/canonical.ts'
import { checkFederatedEvent } from '../../../node/events/federated-event.ts'
import { readJson } from '../../../node/events/json.ts'
import { canonicalEvent } from '../../../node/events/wire-form.ts'
import { createSigner } from '../../../node/events/sign.ts'
import { verifySignature } from '../../../node/events/verify.ts'
import { parsedOf } from './sample.ts'

const vectorsSchema = z.object({
  keys: z.array(
    z.object({
      label: z.string(),
      server_name: z.string(),
      key_id: z.string(),
      seed_hex: z.string(),
      verifying_key_hex: z.string(),
    }),
  ),
  trusted_servers: z.array(z.object({ server_name: z.string(), key_id: z.string(), verifying_key: z.string() })),
  examples: z.array(
    z.object({
      name: z.string(),
      signer: z.string(),
      wire_json: z.string(),
      canonical_json: z.string(),
      canonical_utf8_hex: z.string(),
      blake3_hex: z.string(),
      event_id: z.string(),
      signature_hex: z.string(),
      signature_base64: z.string(),
    }),
  ),
  rejected: z.array(
    z.object({ name: z.string(), transaction_origin: z.string(), category: z.string(), wire_json: z.string() }),
  ),
  numbers: z.array(z.object({ token: z.string(), canonical: z.string().nullable() })),
})

const file = new URL('../../vectors/canonical-events-v1.json', import.meta.url)
const vectors = vectorsSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))
const trusted = new Map(
  vectors.trusted_servers.map((server) => [
    server.server_name,
    { keyId: server.key_id, publicKey: fromBase64Url(server.verifying_key) },
  ]),
)

function keyOf(label: string) {
  const key = vectors.keys.find((candidate) => candidate.label === label)
  if (!key) throw new Error(`no key ${label}`)
  return key
}

describe.each(vectors.examples)('the canonical event example $name', (example) => {
  const parsed = parsedOf(example.wire_json)
  const key = keyOf(example.signer)

  it('hashes to the given id', () => {
    expect(hex(parsed.hash)).toBe(example.blake3_hex)
    expect(parsed.eventId).toBe(example.event_id)
  })

  it('carries a signature that we accept and that our signer reproduces', () => {
    expect(verifySignature(bytes(key.verifying_key_hex), parsed.hash, bytes(example.signature_hex))).toBe(true)
    expect(hex(createSigner(bytes(key.seed_hex), key.key_id).sign(parsed.hash))).toBe(example.signature_hex)
  })

  it('is genuine when its origin pushes it', () => {
    expect(checkFederatedEvent(parsed, key.server_name, trusted)).toEqual({ kind: 'genuine' })
  })
})

it.each(vectors.examples.filter(({ name }) => name !== 'numbers'))(
  'the example $name is written in the given canonical form',
  (example) => {
    const { event } = parsedOf(example.wire_json)

    expect(canonicalEvent(event)).toBe(example.canonical_json)
    expect(Buffer.from(canonicalEvent(event)).toString('hex')).toBe(example.canonical_utf8_hex)
  },
)

it('an event built and signed with an example key has the id and signature of the example', () => {
  const [example] = vectors.examples
  const key = keyOf('alpha')

  const built = signEvent(parsedOf(example?.wire_json ?? '').event, createSigner(bytes(key.seed_hex), key.key_id))

  expect(built.eventId).toBe(example?.event_id)
  expect(built.event.signatures).toEqual({
    [key.server_name]: { [`ed25519:${key.key_id}`]: example?.signature_base64 },
  })
})

describe('events that must be refused', () => {
  it.each(vectors.rejected)('$name: $category', (rejected) => {
    const verdict = checkFederatedEvent(parsedOf(rejected.wire_json), rejected.transaction_origin, trusted)

    expect(verdict).toMatchObject({ kind: 'rejected', category: rejected.category })
  })
})

describe('number tokens', () => {
  it.each(vectors.numbers)('$token is written $canonical', ({ token, canonical }) => {
    expect(canonicalNode(readJson(token))).toBe(canonical ?? undefined)
  })
})

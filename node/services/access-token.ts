import { z } from 'zod'
import type { Clock } from '../base/clock.ts'
import { parseUuid, type UserId } from '../base/ids.ts'
import { createSigner } from '../events/sign.ts'
import { verifySignature } from '../events/verify.ts'

/** What an access token says (contract 4.1). */
export interface AccessClaims {
  sessionId: string
  userId: UserId
  /** Left out by the original when it does not know it. */
  username: string | undefined
  /** Milliseconds since the Unix epoch. */
  expiresAt: number
}

export interface AccessTokens {
  /** Lasts `ACCESS_TOKEN_LIFE_MS` from now. */
  issue(session: { sessionId: string; userId: UserId; username: string }): { token: string; expiresAt: number }
  /** Undefined for anything but a token of one of our keys that has not expired; no leeway. */
  verify(token: string): AccessClaims | undefined
}

export interface AccessTokenDeps {
  /** 32 bytes. */
  signingSeed: Uint8Array
  /** Public keys of earlier signing keys, and of servers whose tokens count here. */
  fallbackKeys: readonly Uint8Array[]
  clock: Clock
}

export const ACCESS_TOKEN_LIFE_MS = 12 * 60 * 60 * 1000
/** Longest token looked at; ours have about 330 characters. */
const MAX_TOKEN_LENGTH = 8_192
const MAX_REMEMBERED = 4_096

export function createAccessTokens({ signingSeed, fallbackKeys, clock }: AccessTokenDeps): AccessTokens {
  const signer = createSigner(signingSeed)
  const keys = [signer.publicKey, ...fallbackKeys]
  /** Verifying a signature costs as much as ten requests, and a client sends the same token for hours. */
  const remembered = new Map<string, AccessClaims>()

  function remember(token: string, claims: AccessClaims): AccessClaims {
    const oldest = remembered.size < MAX_REMEMBERED ? undefined : remembered.keys().next().value
    if (oldest !== undefined) remembered.delete(oldest)
    remembered.set(token, claims)
    return claims
  }

  return {
    issue({ sessionId, userId, username }) {
      const now = clock.now()
      const expiresAt = now + ACCESS_TOKEN_LIFE_MS
      const claims = {
        session_id: sessionId,
        user_id: userId,
        username,
        issued_at: new Date(now).toISOString(),
        expires_at: new Date(expiresAt).toISOString(),
      }
      const payload = Buffer.from(JSON.stringify(claims))
      const signature = Buffer.from(signer.sign(payload))
      return { token: `${payload.toString('base64url')}.${signature.toString('base64url')}`, expiresAt }
    },
    verify(token) {
      const known = remembered.get(token) ?? openToken(token, keys)
      if (known === undefined) return undefined
      if (known.expiresAt <= clock.now()) {
        remembered.delete(token)
        return undefined
      }
      return remembered.has(token) ? known : remember(token, known)
    },
  }
}

/** Signature first, claims after: nothing of an unsigned payload is parsed. Expiry is the caller's to check. */
function openToken(token: string, keys: readonly Uint8Array[]): AccessClaims | undefined {
  if (token.length > MAX_TOKEN_LENGTH) return undefined
  const [payloadText, signatureText, ...more] = token.split('.')
  if (payloadText === undefined || signatureText === undefined || more.length > 0) return undefined
  const payload = fromStrictBase64Url(payloadText)
  const signature = fromStrictBase64Url(signatureText)
  if (payload === undefined || signature === undefined) return undefined
  return keys.some((key) => verifySignature(key, payload, signature)) ? parseClaims(payload) : undefined
}

/** The one spelling of these bytes: no padding, no stray bits, no other alphabet. Twenty times faster than `fromBase64Url`. */
function fromStrictBase64Url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/

/** To the millisecond below: digits beyond are cut off, which ends a token early rather than late. */
const timestamp = z
  .string()
  .regex(RFC_3339)
  .transform((text) => Date.parse(text.toUpperCase().replace(' ', 'T')))
  .refine((ms) => !Number.isNaN(ms))

const uuid = z
  .string()
  .transform((text) => parseUuid(text))
  .refine((id) => id !== undefined)

const claimsSchema = z.object({
  session_id: uuid,
  user_id: uuid,
  username: z.string().nullish(),
  issued_at: timestamp,
  expires_at: timestamp,
})

function parseClaims(payload: Buffer): AccessClaims | undefined {
  const result = claimsSchema.safeParse(parseJson(payload.toString()))
  if (!result.success) return undefined
  const { session_id, user_id, username, expires_at } = result.data
  return {
    sessionId: session_id,
    // A UUID of the claims: whether it is one of our users is for the services to find out.
    userId: user_id as UserId,
    username: username ?? undefined,
    expiresAt: expires_at,
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

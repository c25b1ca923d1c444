import type { GuildId } from '../../base/ids.ts'
import { checkGuildEvent } from '../../events/check-guild-event.ts'
import { parseEvent } from '../../events/parse.ts'
import { verifySignature } from '../../events/verify.ts'

export interface VerifyRequest {
  id: number
  guildId: GuildId
  texts: readonly string[]
}

export type TextCheck = { kind: 'right' } | { kind: 'wrong'; reason: string }

/** All that can be said of an event's text without knowing the guild: form, id, structure, signature. Pure and slow. */
export function checkText(text: string, guildId: GuildId): TextCheck {
  const parsed = parseEvent(text)
  if (parsed.kind === 'malformed') return { kind: 'wrong', reason: parsed.reason }
  const checked = checkGuildEvent(parsed)
  if (checked.kind === 'rejected') return { kind: 'wrong', reason: checked.code }
  if (checked.guildId !== guildId) return { kind: 'wrong', reason: 'other_guild' }
  const isRight = verifySignature(checked.publicKey, parsed.hash, checked.signature)
  return isRight ? { kind: 'right' } : { kind: 'wrong', reason: 'signature_invalid' }
}

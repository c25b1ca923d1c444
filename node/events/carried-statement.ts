import { currentKeyOf, parseKeyStatement } from './key-statement.ts'
import type { KeyStatement } from './schema/content.ts'
import { type GuildEvent, positionOf } from './schema/event.ts'

/**
 * Signing keys travel in the log they sign: its first event, and every `node.keys`, carries the node's key statement and is
 * signed with the last key that statement lists. That key signs the log from there on, so every position has exactly one,
 * known to whoever holds the log (decision 0008). The value is what the author put there; `carriesRightly` says whether it counts.
 */
export function carriedStatement(event: GuildEvent): KeyStatement | undefined {
  const carrier: object = event.event_type === 'node.keys' ? event.content : event.content.log
  return 'statement' in carrier ? (carrier.statement as KeyStatement) : undefined
}

/** Whether an event carries a statement exactly where it has to, a genuine one of its origin that ends with its signing key. */
export function carriesRightly(event: GuildEvent, keyId: string): boolean {
  const isFirst = positionOf(event) === 1
  const isKeys = event.event_type === 'node.keys'
  if (isFirst && isKeys) return false
  if ('statement' in event.content.log !== isFirst) return false
  if (!isFirst && !isKeys) return true
  const outcome = parseKeyStatement(carriedStatement(event))
  if (outcome.kind === 'refused') return false
  return outcome.statement.peer_id === event.origin_server && currentKeyOf(outcome.statement) === keyId
}

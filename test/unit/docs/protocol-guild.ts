import { guildIdSchema } from '../../../node/base/ids.ts'
import { parseKeyStatement } from '../../../node/events/key-statement.ts'
import { codesIn, rowsOf, sample, valueOf } from './protocol-document.ts'

export const TYPES = ['guild.create', 'channel.create', 'invite.create', 'member.join', 'message']
export const GUILD_ID = guildIdSchema.parse(valueOf('sample-guild.create', 'guild id'))
export const ALICE = { seed: 0x11, statement: statementOf('statement-alice') }
export const BOB = { seed: 0x21, statement: statementOf('statement-bob') }

export function filled(filler: number): Uint8Array {
  return new Uint8Array(32).fill(filler)
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function statementOf(name: string) {
  const outcome = parseKeyStatement(JSON.parse(sample(name)))
  if (outcome.kind === 'refused') throw new Error(outcome.message)
  return outcome.statement
}

/** The wire form of the sample of a type: the canonical bytes with the id and the signature of the table filled in. */
export function wireOf(type: string): string {
  const canonical = sample(`canonical-${type}`)
  const [name = '', signature = ''] = rowsOf(`sample-${type}`)[2]?.flatMap(codesIn) ?? []
  const { origin_server: origin } = JSON.parse(canonical) as { origin_server: string }
  return canonical
    .replace('"event_id":""', () => `"event_id":"${valueOf(`sample-${type}`, 'event id')}"`)
    .replace(/"signatures":\{\}\}$/, () => `"signatures":{"${origin}":{"${name}":"${signature}"}}}`)
}

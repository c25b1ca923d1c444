// Makes sync-frames-v1.json: one sync of the guild in guild-events-v1.json as it goes over the wire. Alice holds everything but
// Bob's message. Run from the repository root after a deliberate change of the protocol only: npx node test/vectors/make-sync-frames.ts
import { readFileSync, writeFileSync } from 'node:fs'
import { type LawEvent, isLawEvent, positionOf, type GuildEvent } from '../../node/events/schema/event.ts'
import { createLaw } from '../../node/events/state/law.ts'
import { stateJson } from '../../node/events/state/state-hash.ts'
import type { GuildId } from '../../node/base/ids.ts'

interface Vectors {
  events: { wire: string }[]
  created_ids: { guild_id: GuildId }
}

const file = (name: string) => new URL(name, import.meta.url)
const { events, created_ids } = JSON.parse(readFileSync(file('guild-events-v1.json'), 'utf8')) as Vectors
const guildId = created_ids.guild_id
const parsed = events.map(({ wire }) => JSON.parse(wire) as GuildEvent)
const message = events.at(-1)?.wire ?? ''

const law = createLaw(guildId)
for (const event of parsed.filter((each): each is LawEvent => isLawEvent(each))) law.add(event)
const { state, hash } = law.current()
if (state === undefined) throw new Error('The sample guild has no state')

const tipOf = (index: number) => {
  const event = parsed.at(index)
  if (event === undefined) throw new Error('The sample guild is shorter than that')
  return { origin: event.origin_server, position: positionOf(event), event_id: event.event_id }
}
const [aliceTip, joinTip, messageTip] = [tipOf(2), tipOf(3), tipOf(4)]

/** Four bytes of length, then the header line and one line for each event. */
function frameOf(header: object, lines: readonly string[] = []) {
  const text = [JSON.stringify(header), ...lines].join('\n')
  const body = Buffer.from(text)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  return { text, bytes_hex: Buffer.concat([length, body]).toString('hex') }
}

const vectors = {
  description: 'A sync that Alice begins. Each frame as text without its length, and as the bytes on the stream.',
  law: { heads: law.heads(), state_json: stateJson(state), state_hash: hash },
  frames: {
    hello_of_alice: frameOf({
      type: 'hello',
      version: 1,
      name: 'Alice at home',
      peers: [],
      guilds: [{ guild_id: guildId, state_hash: hash, law_heads: law.heads(), tips: [aliceTip, joinTip] }],
    }),
    events_of_bob: frameOf({ type: 'events', guild_id: guildId }, [message]),
    done_of_bob: frameOf({ type: 'done', guild_id: guildId, sent: 1 }),
    end_of_both: frameOf({
      type: 'end',
      guilds: [{ guild_id: guildId, state_hash: hash, tips: [aliceTip, messageTip] }],
    }),
  },
}
writeFileSync(file('sync-frames-v1.json'), `${JSON.stringify(vectors, undefined, 2)}\n`)

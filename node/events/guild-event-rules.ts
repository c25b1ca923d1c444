import { eventIdSchema, guildIdSchema, userIdSchema } from '../base/ids.ts'
import type { ParsedEvent } from './parse.ts'
import { isPeerId } from './peer-id.ts'
import { LAW_CONTENT, TIMELINE_CONTENT, UNKNOWN_CONTENT } from './schema/content.ts'
import { type GuildEvent, guildIdOf, isLawEvent, isLawType, isTimelineType, positionOf } from './schema/event.ts'
import { createdIdOf } from './wire-form.ts'

/** At most this many `prev_events`, and as many `auth_events`. */
export const MAX_LINKS = 20

/** Why a guild event is refused by its bytes alone. Stable: whoever passed such an event on is to blame. */
export type ByteFault =
  | 'not_wire_form'
  | 'unsafe_number'
  | 'event_id_mismatch'
  | 'schema_version'
  | 'origin_not_peer_id'
  | 'event_type'
  | 'sender'
  | 'room_id'
  | 'origin_ts'
  | 'links'
  | 'content'
  | 'log'
  | 'author_mismatch'
  | 'guild_id_mismatch'
  | 'signature_missing'
  | 'signature_encoding'
  | 'statement'

/** A rule: the code and sentence of its breach, and the condition that must hold. */
export type Rule<Subject> = readonly [code: ByteFault, breach: string, holds: (subject: Subject) => boolean]

/** The first rule that does not hold; later rules may rely on earlier ones. */
export const firstBroken = <Subject>(rules: readonly Rule<Subject>[], subject: Subject): Rule<Subject> | undefined =>
  rules.find(([, , holds]) => !holds(subject))

/** What any event of a guild obeys, seen without knowing its type. */
export const ENVELOPE_RULES: readonly Rule<ParsedEvent>[] = [
  ['not_wire_form', 'the text is not the wire form of the event', ({ exact }) => exact],
  ['unsafe_number', 'a number is not an integer within ±(2^53 − 1)', ({ lossless }) => lossless],
  ['event_id_mismatch', 'event_id is not the hash of the event', ({ event, eventId }) => event.event_id === eventId],
  ['schema_version', 'schema_version must be 1', ({ event }) => event.schema_version === 1],
  ['origin_not_peer_id', 'origin_server must be a peer id', ({ event }) => isPeerId(event.origin_server)],
  ['event_type', 'event_type must be a-z 0-9 _ and dots', ({ event }) => EVENT_TYPE.test(event.event_type)],
  ['sender', 'sender must be a user id', ({ event }) => userIdSchema.safeParse(event.sender).success],
  ['room_id', 'room_id must be a UUID', ({ event }) => guildIdSchema.safeParse(event.room_id).success],
  ['origin_ts', 'origin_ts must not be negative', ({ event }) => event.origin_ts >= 0],
  ['links', 'prev_events must be at most 20 different event ids', ({ event }) => areLinks(event.prev_events)],
  ['links', 'auth_events must be at most 20 different event ids', ({ event }) => areLinks(event.auth_events)],
  ['content', 'content has not the shape of its type', ({ event }) => fitsType(event.event_type, event.content)],
]

/** How content and envelope agree, once both have their shape. */
export const AGREEMENT_RULES: readonly Rule<GuildEvent>[] = [
  [
    'log',
    'a law event lives in the room of its guild and names no other',
    (event) => !isLawEvent(event) || !namesGuild(event),
  ],
  ['room_id', 'a channel is not the guild', (event) => !namesGuild(event) || guildIdOf(event) !== event.room_id],
  ['log', 'guild.create is the first event of its guild', (event) => !isCreate(event) || isFirstOfGuild(event)],
  [
    'links',
    'auth_events must name the law the author had seen',
    (event) => isCreate(event) || event.auth_events.length > 0,
  ],
  [
    'links',
    'prev_events must begin with the own predecessor',
    (event) => positionOf(event) === 1 || event.prev_events.length > 0,
  ],
  ['author_mismatch', 'author.id must be the sender', authorIsSender],
  [
    'guild_id_mismatch',
    'room_id of guild.create must be the id derived from it',
    (event) => !isCreate(event) || event.room_id === createdIdOf(event),
  ],
]

const EVENT_TYPE = /^[a-z][a-z0-9_]{0,31}(?:\.[a-z0-9_]{1,32}){0,3}$/

const areLinks = (links: readonly string[]): boolean =>
  links.length <= MAX_LINKS &&
  new Set(links).size === links.length &&
  links.every((link) => eventIdSchema.safeParse(link).success)

function fitsType(type: string, content: unknown): boolean {
  if (isLawType(type)) return LAW_CONTENT[type].safeParse(content).success
  if (isTimelineType(type)) return TIMELINE_CONTENT[type].safeParse(content).success
  return UNKNOWN_CONTENT.safeParse(content).success
}

const isCreate = (event: GuildEvent): boolean => event.event_type === 'guild.create'

const isFirstOfGuild = (event: GuildEvent): boolean =>
  positionOf(event) === 1 && event.prev_events.length === 0 && event.auth_events.length === 0

/** As events of a channel do; an event in the room of the guild is named by its room alone. */
const namesGuild = (event: GuildEvent): boolean => 'guild_id' in event.content.log

/** Only the types that carry an author; others name the sender in the envelope alone. */
function authorIsSender(event: GuildEvent): boolean {
  if (!isLawType(event.event_type) && !isTimelineType(event.event_type)) return true
  const content: object = event.content
  if (!('author' in content)) return true
  const { author } = content
  return typeof author === 'object' && author !== null && 'id' in author && author.id === event.sender
}

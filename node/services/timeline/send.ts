import { AppError } from '../../base/errors.ts'
import type { EventId, GuildId, ServerName } from '../../base/ids.ts'
import { authorize } from '../../events/auth/authorize.ts'
import { buildEvent } from '../../events/build.ts'
import type { KeyStatement } from '../../events/schema/content.ts'
import { isLawType } from '../../events/schema/event.ts'
import type { Signer } from '../../events/sign.ts'
import { findClientTransaction, insertClientTransaction } from '../../storage/client-transactions.ts'
import type { WriteTx } from '../../storage/database.ts'
import { findEvent } from '../../storage/events.ts'
import { commitEvent } from './commit.ts'
import { type GuildGraph, type OriginLog, parseStored } from './guild-graph.ts'
import type { Draft, SentEvent, StoredEvent } from './types.ts'

type DraftContent = Parameters<typeof buildEvent>[0]['content']

/** Heads further ahead of our clock are linked later, so that one fast clock does not push everybody's forward. */
const MAX_LINK_AHEAD_MS = 60_000

/** Most links of one kind an event carries (protocol, "Limits"). */
export const MAX_LINKS = 20

export interface Author {
  origin: ServerName
  signer: Signer
  /** Its last key is the signer's; what a log of this node begins with. */
  statement: KeyStatement
}

export interface SendDeps {
  author: Author
  findStored(tx: WriteTx, eventId: EventId): StoredEvent | undefined
  /** The graph of this guild changes from here on. A refused draft never gets there, so it costs no reload. */
  changing(tx: WriteTx, guildId: GuildId): void
}

/**
 * Says a draft in one write: 1. the same request again?  2. a new signing key is announced first  3. links and clock
 * 4. the law  5. id and signature  6. commit.
 * The heads are read in the transaction that adds to them, so two sends can never share a predecessor.
 */
export function sendDraft(tx: WriteTx, graph: GuildGraph, draft: Draft, now: number, deps: SendDeps): SentEvent {
  const earlier = findEarlier(tx, draft, deps) // 1
  if (earlier !== undefined) return earlier

  announceNewKey(tx, graph, draft, now, deps) // 2
  const links = chooseLinks(tx, graph, now, deps.author) // 3
  checkAllowed(graph, draft, links, deps.author) // 4
  const sent = append(tx, graph, draft, links, deps) // 5, 6
  if (draft.txnId !== undefined) {
    const { sender: userId, txnId } = draft
    insertClientTransaction(tx, { userId, txnId, eventId: sent.eventId, createdAt: now })
  }
  return sent
}

/**
 * Said in the name of whoever happens to write first; the identity key has signed the statement itself. The law is not
 * asked: a log takes its new key also where `node.keys` is refused, as when the node's first member comes back.
 */
function announceNewKey(tx: WriteTx, graph: GuildGraph, { sender }: Draft, now: number, deps: SendDeps): void {
  const { origin, signer, statement } = deps.author
  const own = graph.logs.get(origin)
  if (own === undefined || own.tipPosition === 0 || own.tipKeyId === signer.keyId) return
  const { guildId } = graph
  const draft: Draft = { guildId, eventType: 'node.keys', roomId: guildId, sender, content: { statement } }
  append(tx, graph, draft, chooseLinks(tx, graph, now, deps.author), deps)
}

function append(tx: WriteTx, graph: GuildGraph, draft: Draft, links: Links, deps: SendDeps): SentEvent {
  const { origin, signer, statement } = deps.author
  const position = (graph.logs.get(origin)?.tipPosition ?? 0) + 1
  const isLaw = isLawType(draft.eventType)
  const lawLog = position === 1 ? { position, statement } : { position }
  const { event, text } = buildEvent(
    {
      origin_server: origin,
      event_type: draft.eventType,
      room_id: draft.roomId,
      sender: draft.sender,
      origin_ts: links.originTs,
      // `buildEvent` checks the shape before it signs.
      content: { ...draft.content, log: isLaw ? lawLog : { guild_id: graph.guildId, position } } as DraftContent,
      prev_events: links.prev,
      auth_events: links.auth,
    },
    signer,
  )
  deps.changing(tx, graph.guildId)
  const log = graph.openLog(tx, origin)
  const stored = commitEvent(tx, graph, { event, text, log, position, isLaw, refusal: null })
  return { ...stored, originTs: links.originTs }
}

function findEarlier(tx: WriteTx, draft: Draft, deps: SendDeps): SentEvent | undefined {
  if (draft.txnId === undefined) return undefined
  const eventId = findClientTransaction(tx, draft.sender, draft.txnId)
  const stored = eventId && deps.findStored(tx, eventId)
  if (stored === undefined) return undefined
  if (stored.roomId !== draft.roomId) {
    throw new AppError('conflict', 'This txn_id was used for another channel; make a new one for each message')
  }
  return { ...stored, originTs: parseStored<{ origin_ts: number }>(stored.body).origin_ts }
}

function checkAllowed(graph: GuildGraph, draft: Draft, links: Links, { origin }: Author): void {
  const state = graph.law.at(links.auth).state
  const position = 1 // The law does not look at it; the schema of the content asks for one.
  const verdict = authorize(
    {
      event_type: draft.eventType,
      room_id: draft.roomId,
      sender: draft.sender,
      origin_server: origin,
      origin_ts: links.originTs,
      content: { ...draft.content, log: { guild_id: graph.guildId, position } },
    },
    state,
  )
  if (verdict.kind === 'refused') throw new AppError('forbidden', verdict.reason)
}

interface Links {
  prev: EventId[]
  auth: readonly EventId[]
  /** Our clock, and later than everything linked. */
  originTs: number
}

/** Own predecessor first, then the newest heads of other logs; and the law frontier. */
function chooseLinks(tx: WriteTx, graph: GuildGraph, now: number, { origin }: Author): Links {
  const own = graph.logs.get(origin)
  const hasOwn = own !== undefined && own.tipPosition > 0
  const heads = [...graph.logs.values()]
    .filter((log) => log !== own && log.tipPosition > 0 && !log.tipCovered && log.tipTs <= now + MAX_LINK_AHEAD_MS)
    .sort((left, right) => right.tipTs - left.tipTs)
    .slice(0, MAX_LINKS - (hasOwn ? 1 : 0))
  const parents = hasOwn ? [own, ...heads] : heads
  const auth = chooseAuth(graph, own)
  const lawTimes = auth.map((id) => findEvent(tx, id)?.originTs ?? 0)
  const latestTs = Math.max(0, ...parents.map((log) => log.tipTs), ...lawTimes)
  return { prev: parents.map((log) => log.tipEventId), auth, originTs: Math.max(now, latestTs + 1) }
}

/** With more law heads than links, those that keep our own auth_events from going backwards come first. */
function chooseAuth(graph: GuildGraph, own: OriginLog | undefined): readonly EventId[] {
  const heads = graph.law.heads()
  if (heads.length <= MAX_LINKS) return heads
  const before = own === undefined ? [] : own.tipIsLaw ? [own.tipEventId] : own.tipAuth
  const covering = before.flatMap((id) => heads.find((head) => graph.law.covers([head], [id])) ?? [])
  return [...new Set([...covering, ...heads])].slice(0, MAX_LINKS)
}

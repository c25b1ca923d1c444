import { AppError } from '../../base/errors.ts'
import type { EventId, GuildId, ServerName } from '../../base/ids.ts'
import { authorize } from '../../events/auth/authorize.ts'
import { buildEvent } from '../../events/build.ts'
import { isLawType } from '../../events/schema/event.ts'
import type { Signer } from '../../events/sign.ts'
import { findClientTransaction, insertClientTransaction } from '../../storage/client-transactions.ts'
import type { WriteTx } from '../../storage/database.ts'
import { commitEvent } from './commit.ts'
import { type GuildGraph, type OriginLog, parseStored } from './guild-graph.ts'
import type { Draft, SentEvent, StoredEvent } from './types.ts'

type DraftContent = Parameters<typeof buildEvent>[0]['content']

/** Most links of one kind an event carries (protocol, "Limits"). */
export const MAX_LINKS = 20

export interface Author {
  origin: ServerName
  signer: Signer
}

export interface SendDeps {
  author: Author
  findStored(tx: WriteTx, eventId: EventId): StoredEvent | undefined
  /** The graph of this guild changes from here on. A refused draft never gets there, so it costs no reload. */
  changing(tx: WriteTx, guildId: GuildId): void
}

/**
 * Says a draft in one write: 1. the same request again?  2. links  3. the law  4. clock, id and signature  5. commit.
 * The heads are read in the transaction that adds to them, so two sends can never share a predecessor.
 */
export function sendDraft(tx: WriteTx, graph: GuildGraph, draft: Draft, now: number, deps: SendDeps): SentEvent {
  const earlier = findEarlier(tx, draft, deps) // 1
  if (earlier !== undefined) return earlier

  const { origin, signer } = deps.author
  const own = graph.logs.get(origin)
  const links = chooseLinks(graph, own) // 2
  const originTs = Math.max(now, links.latestTs + 1)
  checkAllowed(graph, draft, links, { origin, originTs }) // 3

  const position = (own?.tipPosition ?? 0) + 1
  const isLaw = isLawType(draft.eventType)
  const built = buildEvent(
    {
      origin_server: origin,
      room_id: draft.roomId,
      event_type: draft.eventType,
      sender: draft.sender,
      origin_ts: originTs,
      // `buildEvent` checks the shape before it signs.
      content: { ...draft.content, log: isLaw ? { position } : { guild_id: graph.guildId, position } } as DraftContent,
      prev_events: links.prev,
      auth_events: links.auth,
    },
    signer,
  ) // 4
  deps.changing(tx, graph.guildId)
  const log = graph.openLog(tx, origin)
  const stored = commitEvent(tx, graph, { event: built.event, text: built.text, log, position, isLaw, refusal: null }) // 5
  if (draft.txnId !== undefined) {
    const { sender: userId, txnId } = draft
    insertClientTransaction(tx, { userId, txnId, eventId: stored.eventId, createdAt: now })
  }
  return { ...stored, originTs }
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

function checkAllowed(
  graph: GuildGraph,
  draft: Draft,
  links: Links,
  { origin, originTs }: { origin: ServerName; originTs: number },
): void {
  const state = graph.law.at(links.auth).state
  const position = 1 // The law does not look at it; the schema of the content asks for one.
  const verdict = authorize(
    {
      event_type: draft.eventType,
      room_id: draft.roomId,
      sender: draft.sender,
      origin_server: origin,
      origin_ts: originTs,
      content: { ...draft.content, log: { guild_id: graph.guildId, position } },
    },
    state,
  )
  if (verdict.kind === 'refused') throw new AppError('forbidden', verdict.reason)
}

interface Links {
  prev: EventId[]
  auth: readonly EventId[]
  latestTs: number
}

/** Own predecessor first, then the newest heads of other logs; and the law frontier. */
function chooseLinks(graph: GuildGraph, own: OriginLog | undefined): Links {
  const hasOwn = own !== undefined && own.tipPosition > 0
  const heads = [...graph.logs.values()]
    .filter((log) => log !== own && log.tipPosition > 0 && !log.tipCovered)
    .sort((left, right) => right.tipTs - left.tipTs)
    .slice(0, MAX_LINKS - (hasOwn ? 1 : 0))
  const parents = hasOwn ? [own, ...heads] : heads
  return {
    prev: parents.map((log) => log.tipEventId),
    auth: chooseAuth(graph, own),
    latestTs: parents.reduce((latest, log) => Math.max(latest, log.tipTs), 0),
  }
}

/** With more law heads than links, those that keep our own auth_events from going backwards come first. */
function chooseAuth(graph: GuildGraph, own: OriginLog | undefined): readonly EventId[] {
  const heads = graph.law.heads()
  if (heads.length <= MAX_LINKS) return heads
  const before = own === undefined ? [] : own.tipIsLaw ? [own.tipEventId] : own.tipAuth
  const covering = before.flatMap((id) => heads.find((head) => graph.law.covers([head], [id])) ?? [])
  return [...new Set([...covering, ...heads])].slice(0, MAX_LINKS)
}

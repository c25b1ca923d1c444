import { fromBase64Url } from '../base/bytes.ts'
import { AppError } from '../base/errors.ts'
import { type ChannelId, parseUuid, type ServerName } from '../base/ids.ts'
import type { Logger } from '../base/log.ts'
import { checkFederatedEvent, type TrustedServer } from '../events/federated-event.ts'
import type { ParsedEvent } from '../events/parse.ts'
import { parseTransaction } from '../events/transaction.ts'
import type { KeyStatement } from '../events/key-statement.ts'
import type { StoredEvent, Timeline } from '../services/timeline/types.ts'

/** An answer as it goes out. Text, because events are passed on as they were signed, number tokens included. */
export interface HttpAnswer {
  status: number
  contentType: 'application/json' | 'text/plain'
  text: string
}

/** What original servers ask of us over HTTP (contract section 6). */
export interface HttpFederation {
  /** POST /federation/transactions, from the text of the body. */
  receive(bodyText: string): Promise<HttpAnswer>
  /** GET /federation/channels/{channel_id}/events; `origin` is the header `X-OpenGuild-Origin`, which proves nothing. */
  listEvents(channelId: ChannelId, origin: string | undefined, query: { limit: number; since?: number }): HttpAnswer
  /** GET /federation/keys: the newest key statement of this node. */
  keys(): HttpAnswer
}

export interface HttpFederationDeps {
  self: ServerName
  timeline: Pick<Timeline, 'guildOfChannel' | 'page'>
  /** Puts a genuine event of another server into a channel that exists here; again has no effect. Throws an `AppError`. */
  adopt(channelId: ChannelId, event: ParsedEvent): Promise<void>
  statement: KeyStatement
  /** `federation.trusted_servers`; a later entry with the same name replaces an earlier one. */
  trustedServers: readonly { server_name: string; key_id: string; verifying_key: string }[]
  log: Logger
}

interface Rejection {
  event_id: string
  reason: string
}

interface TransactionResult {
  origin: string
  accepted: string[]
  rejected: Rejection[]
  disabled: boolean
}

const MIN_PAGE = 1
const MAX_PAGE = 200

export function createHttpFederation(deps: HttpFederationDeps): HttpFederation {
  const { self, timeline, log } = deps
  const trusted = new Map<string, TrustedServer>(
    deps.trustedServers.map((server) => [
      server.server_name.trim(),
      { keyId: server.key_id, publicKey: fromBase64Url(server.verifying_key) },
    ]),
  )

  async function receive(bodyText: string): Promise<HttpAnswer> {
    const transaction = parseTransaction(bodyText)
    if (transaction.kind === 'not-json') {
      return text(400, `Failed to parse the request body as JSON: ${transaction.message}`)
    }
    if (transaction.kind === 'undecodable') {
      return text(422, `Failed to deserialize the JSON body into the target type: ${transaction.message}`)
    }
    const { origin, events } = transaction
    const result: TransactionResult = { origin, accepted: [], rejected: [], disabled: trusted.size === 0 }
    if (result.disabled) return json(501, result)
    const genuine = events.filter((event) => isGenuine(event, result))
    for (const event of genuine) await deliver(event, result)
    return json(statusOf(result), result)
  }

  /** Steps 1 to 6 of contract 6.3. */
  function isGenuine(event: ParsedEvent, result: TransactionResult): boolean {
    const verdict = checkFederatedEvent(event, result.origin, trusted)
    if (verdict.kind === 'genuine') return true
    reject(event, verdict.reason, result)
    return false
  }

  /** Step 7. Unlike the original we accept what we hold already: the sender could not know. */
  async function deliver(event: ParsedEvent, result: TransactionResult): Promise<void> {
    const channelId = findChannel(event.event.room_id)
    if (channelId === undefined) return reject(event, 'delivery failed: there is no such channel here', result)
    try {
      await deps.adopt(channelId, event)
      result.accepted.push(event.eventId)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      reject(event, `delivery failed: ${error.message}`, result)
    }
  }

  function reject(event: ParsedEvent, reason: string, { origin, rejected }: TransactionResult): void {
    rejected.push({ event_id: event.event.event_id, reason })
    log.warn({ origin, event_id: event.event.event_id, reason }, 'An event pushed over HTTP was rejected')
  }

  function findChannel(roomId: string): ChannelId | undefined {
    const channelId = parseUuid(roomId) as ChannelId | undefined
    return channelId !== undefined && timeline.guildOfChannel(channelId) !== undefined ? channelId : undefined
  }

  function listEvents(
    channelId: ChannelId,
    header: string | undefined,
    query: { limit: number; since?: number },
  ): HttpAnswer {
    const origin = header?.trim() ?? ''
    const answer = (status: number, events: readonly StoredEvent[] = []) => rawJson(status, pageText(channelId, events))
    if (trusted.size === 0) return answer(501)
    if (origin === '') return answer(401)
    if (!trusted.has(origin)) return answer(403)
    const limit = Math.min(MAX_PAGE, Math.max(MIN_PAGE, query.limit))
    return answer(200, timeline.page(channelId, { ...query, limit }))
  }

  /** The stored texts are put in as they are: reading and writing them again could change numbers. */
  function pageText(channelId: ChannelId, events: readonly StoredEvent[]): string {
    const channel = JSON.stringify(channelId)
    const entries = events.map(
      ({ sequence, body }) => `{"sequence":${sequence},"channel_id":${channel},"event":${body}}`,
    )
    return `{"origin":${JSON.stringify(self)},"channel_id":${channel},"events":[${entries.join()}]}`
  }

  return { receive, listEvents, keys: () => json(200, deps.statement) }
}

/** Contract 6.3: 202 when nothing was rejected, 400 when nothing was accepted, else 207. */
function statusOf({ accepted, rejected }: TransactionResult): number {
  if (rejected.length === 0) return 202
  return accepted.length === 0 ? 400 : 207
}

const json = (status: number, body: object): HttpAnswer => rawJson(status, JSON.stringify(body))
const rawJson = (status: number, body: string): HttpAnswer => ({ status, contentType: 'application/json', text: body })
const text = (status: number, message: string): HttpAnswer => ({ status, contentType: 'text/plain', text: message })

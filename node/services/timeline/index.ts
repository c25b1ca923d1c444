import type { Clock } from '../../base/clock.ts'
import { AppError } from '../../base/errors.ts'
import type { GuildId, ServerName } from '../../base/ids.ts'
import type { Logger } from '../../base/log.ts'
import type { KeyStatement } from '../../events/schema/content.ts'
import type { Signer } from '../../events/sign.ts'
import { isPeerId } from '../../events/peer-id.ts'
import { deleteClientTransactionsBefore } from '../../storage/client-transactions.ts'
import type { Database, ReadTx, WriteTx } from '../../storage/database.ts'
import {
  type EventRow,
  findEvent,
  latestStream,
  listEventsAfter,
  listNewestShown,
  listShownAfter,
} from '../../storage/events.ts'
import { listLogs } from '../../storage/logs.ts'
import { earliestDueTime, listDueTimes } from '../../storage/waiting.ts'
import { adoptForeign } from './adopt.ts'
import { createFeed } from './feed.ts'
import { sendGenesis } from './genesis.ts'
import { type GuildGraph, loadGuildGraph } from './guild-graph.ts'
import { missingEvents, tipsOf } from './missing.ts'
import { MAX_CLOCK_AHEAD_MS } from './place.ts'
import { createReceiver } from './receive.ts'
import { claimedIdOf, rememberChecks } from './remembered-checks.ts'
import { sendDraft } from './send.ts'
import type { Feed, StoredEvent, Timeline } from './types.ts'
import type { Verifier } from './verifier.ts'
import type { WaitingLimits } from './waiting-room.ts'

export interface TimelineDeps {
  db: Database
  clock: Clock
  log: Logger
  verifier: Verifier
  /** This node: its peer id, and the key that signs its events. */
  origin: ServerName
  signer: Signer
  statement: KeyStatement
  limits: WaitingLimits
  /** 32 hex digits, for `guild.create`. */
  newNonce(): string
}

/** A client's id for a request is remembered for a day; what waits longer than that for its parents is dropped. */
const DAY_MS = 24 * 60 * 60_000

/** The log of every guild of this node and the ways into it. Loads all law at once: afterwards state is read from memory. */
export function createTimeline(deps: TimelineDeps): { timeline: Timeline; feed: Feed } {
  const { db, clock } = deps
  const graphs = new Map<GuildId, GuildGraph>()
  /** Guilds whose graph may be dropped from memory at the moment, but not from the database. */
  const known = new Set<GuildId>()
  const expected = new Set<GuildId>()
  const logOwners = new Map<number, { guildId: GuildId; origin: ServerName }>()

  for (const log of db.read(listLogs)) {
    logOwners.set(log.logId, log)
    known.add(log.guildId)
    if (!graphs.has(log.guildId))
      graphs.set(
        log.guildId,
        db.read((tx) => loadGuildGraph(tx, log.guildId)),
      )
  }

  function ownerOf(tx: ReadTx, logId: number): { guildId: GuildId; origin: ServerName } {
    if (!logOwners.has(logId)) for (const log of listLogs(tx)) logOwners.set(log.logId, log)
    const owner = logOwners.get(logId)
    if (owner === undefined) throw new Error(`Log ${logId} is not in the database`)
    return owner
  }

  function toStored(tx: ReadTx, row: EventRow): StoredEvent {
    const { guildId, origin } = ownerOf(tx, row.logId)
    const { stream, eventId, position, roomId, eventType, isLaw, sequence, body } = row
    return { stream, eventId, guildId, origin, position, roomId, eventType, isLaw, sequence, body }
  }

  const feed = createFeed({
    latest: () => db.read(latestStream),
    after: (stream, limit) => db.read((tx) => listEventsAfter(tx, stream, limit).map((row) => toStored(tx, row))),
  })

  /** The graph of a guild that this write is about to change. */
  function openGraph(tx: WriteTx, guildId: GuildId): GuildGraph {
    const graph = graphs.get(guildId) ?? loadGuildGraph(tx, guildId)
    graphs.set(guildId, graph)
    known.add(guildId)
    followWrite(tx, guildId)
    return graph
  }

  /** Caches follow the database: dropped when a write that changed them is undone, announced when it is durable. */
  function followWrite(tx: WriteTx, guildId: GuildId): void {
    tx.afterRollback(() => {
      graphs.delete(guildId)
      logOwners.clear()
    })
    tx.afterCommit(announce)
  }

  const announce = () => feed.wake(db.read(latestStream))

  /** A graph dropped by a rollback is loaded again from what is durable. */
  function heldGraph(guildId: GuildId): GuildGraph | undefined {
    const graph = graphs.get(guildId)
    if (graph !== undefined) return graph.law.size > 0 ? graph : undefined
    const loaded = db.read((tx) => loadGuildGraph(tx, guildId))
    if (loaded.law.size === 0) return undefined
    graphs.set(guildId, loaded)
    return loaded
  }

  function isHeld(guildId: GuildId, text: string): boolean {
    const eventId = claimedIdOf(text)
    return db.read((tx) => {
      const row = eventId === undefined ? undefined : findEvent(tx, eventId)
      if (row === undefined || row.body !== text) return false
      const owner = ownerOf(tx, row.logId)
      // What foreign servers sent was checked by other rules (`adopt.ts`).
      return owner.guildId === guildId && isPeerId(owner.origin)
    })
  }

  const receiver = createReceiver({
    db,
    verifier: rememberChecks({ verifier: deps.verifier, isHeld }),
    log: deps.log,
    limits: deps.limits,
    now: () => clock.now(),
    findGraph: (tx, guildId) =>
      heldGraph(guildId) !== undefined || expected.has(guildId) ? openGraph(tx, guildId) : undefined,
  })

  function getGraph(guildId: GuildId): GuildGraph {
    const graph = heldGraph(guildId)
    if (graph === undefined) throw new AppError('not_found', 'This node does not hold that guild')
    return graph
  }

  const sendDeps = {
    author: { origin: deps.origin, signer: deps.signer, statement: deps.statement },
    changing: followWrite,
    findStored: (tx: ReadTx, eventId: string) => {
      const row = findEvent(tx, eventId)
      return row && toStored(tx, row)
    },
  }

  /** A node of ours may push over HTTP too; its events go the way of all events of the graph. */
  async function takeOwnKind(guildId: GuildId, text: string, origin: ServerName): Promise<void> {
    const [outcome] = await receiver.receive(guildId, [text], origin)
    if (outcome?.kind === 'rejected')
      throw new AppError('validation_error', `The event was rejected: ${outcome.reason}`)
  }

  const timeline: Timeline = {
    createGuild: (draft) =>
      db.write((tx) =>
        sendGenesis(
          tx,
          (guildId) => openGraph(tx, guildId),
          { ...draft, nonce: deps.newNonce() },
          { author: sendDeps.author, now: clock.now() },
        ),
      ),
    send: (draft) => db.write((tx) => sendDraft(tx, getGraph(draft.guildId), draft, clock.now(), sendDeps)),
    receive: receiver.receive,
    async adopt(channelId, foreign) {
      const guildId = timeline.guildOfChannel(channelId)
      if (guildId === undefined) throw new AppError('not_found', 'There is no such channel here')
      const { origin_server: origin } = foreign.event
      if (isPeerId(origin)) return takeOwnKind(guildId, foreign.text, origin)
      await db.write((tx) => adoptForeign(tx, openGraph(tx, guildId), channelId, foreign))
    },
    expect: (guildId) => void expected.add(guildId),

    guildIds: () => [...known].filter((guildId) => heldGraph(guildId) !== undefined),
    findGuild(guildId) {
      const graph = heldGraph(guildId)
      const { state, hash } = graph?.law.current() ?? {}
      if (graph === undefined || state === undefined || hash === undefined) return undefined
      const tips = tipsOf(graph)
      return {
        guildId,
        state,
        stateHash: hash,
        lawHeads: graph.law.heads(),
        tips,
        events: [...graph.logs.values()].reduce((total, log) => total + log.tipPosition, 0),
        waiting: receiver.waitingCount(guildId),
        equivocated: [...graph.logs.values()].filter((log) => log.equivocated).map((log) => log.origin),
      }
    },
    stateOf: (guildId) => heldGraph(guildId)?.law.current().state,
    verdictOf: (guildId, eventId) => heldGraph(guildId)?.law.current().verdictOf(eventId),
    guildOfChannel(channelId) {
      for (const guildId of known) {
        if (timeline.stateOf(guildId)?.channels.has(channelId) === true) return guildId
      }
      return undefined
    },

    aheadOfClock(guildId) {
      const earliest = receiver.waitingCount(guildId) === 0 ? undefined : db.read((tx) => earliestDueTime(tx, guildId))
      return earliest === undefined ? 0 : Math.max(0, earliest - clock.now())
    },
    tips(guildId) {
      const graph = heldGraph(guildId)
      return graph === undefined ? [] : tipsOf(graph)
    },
    *missingFor(guildId, theirTips) {
      const graph = heldGraph(guildId)
      if (graph === undefined) return
      for (const page of missingEvents(db, graph, theirTips)) {
        yield db.read((tx) => page.map((row) => toStored(tx, row)))
      }
    },
    findEvent: (eventId) => db.read((tx) => sendDeps.findStored(tx, eventId)),
    page: (channelId, { limit, since }) =>
      db.read((tx) =>
        (since === undefined ? listNewestShown(tx, channelId, limit) : listShownAfter(tx, channelId, since, limit)).map(
          (row) => toStored(tx, row),
        ),
      ),
    latestSequence(channelId) {
      const guildId = timeline.guildOfChannel(channelId)
      const graph = guildId && heldGraph(guildId)
      return graph === undefined ? 0 : db.read((tx) => graph.lastSequence(tx, channelId))
    },

    recover: receiver.recover,
    async tidy() {
      const now = clock.now()
      for (const due of db.read((tx) => listDueTimes(tx, now + MAX_CLOCK_AHEAD_MS))) await receiver.release(due)
      await receiver.forgetBefore(now - DAY_MS)
      await db.write((tx) => deleteClientTransactionsBefore(tx, now - DAY_MS))
    },
  }
  return { timeline, feed }
}

import type { EventId, GuildId } from '../../base/ids.ts'
import type { Logger } from '../../base/log.ts'
import type { GuildEvent } from '../../events/schema/event.ts'
import type { Database, WriteTx } from '../../storage/database.ts'
import {
  countWaitingByGuild,
  countWaitingByPeer,
  deleteWaiting,
  deleteWaitingBefore,
  deleteWaitingCopies,
  deleteWaitingFor,
  insertWaiting,
  isWaiting,
  listWaitingOnlyFor,
  replaceWaitingFor,
  type WaitingCopy,
  type WaitingEvent,
  type WaitingOwner,
} from '../../storage/waiting.ts'
import { type GuildGraph, parseStored } from './guild-graph.ts'
import { placeEvent } from './place.ts'

export interface WaitingLimits {
  /** Waiting events kept per guild and per sending peer. */
  waitingPerGuild: number
  waitingPerPeer: number
}

export interface WaitingRoomDeps {
  db: Database
  log: Logger
  limits: WaitingLimits
  now(): number
  /** The graph of a guild held here or expected; undefined for others. */
  findGraph(tx: WriteTx, guildId: GuildId): GuildGraph | undefined
}

/** Events with right bytes that cannot be placed yet, and what brings them out again. */
export interface WaitingRoom {
  count(guildId: GuildId): number
  /** Holds an event, or notes what one that waits already lacks now. Over the bounds nothing is held: sync brings it again. */
  hold(tx: WriteTx, event: Omit<WaitingEvent, 'receivedAt'>, missing: readonly string[]): void
  /** The event is placed: no copy of it has to wait. */
  drop(tx: WriteTx, eventId: EventId): void
  /** This one was found to be wrong; a copy with another signature may yet be right. */
  dropCopy(tx: WriteTx, copy: WaitingCopy): void
  /** Places what waited only for these events, and what waited for that, and so on. */
  releaseChildren(arrived: readonly EventId[]): Promise<void>
  forgetBefore(receivedAt: number): Promise<void>
}

/** Placed in one write; keeps a transaction near the 10 ms after which clients would notice. */
export const PLACE_BATCH = 64

export function createWaitingRoom(deps: WaitingRoomDeps): WaitingRoom {
  const { db, limits } = deps
  let byGuild = db.read(countWaitingByGuild)
  let byPeer = db.read(countWaitingByPeer)

  function recount(): void {
    byGuild = db.read(countWaitingByGuild)
    byPeer = db.read(countWaitingByPeer)
  }

  function adjust(tx: WriteTx, { guildId, fromPeer }: WaitingOwner, change: 1 | -1): void {
    tx.afterRollback(recount)
    byGuild.set(guildId, count(guildId) + change)
    byPeer.set(fromPeer, (byPeer.get(fromPeer) ?? 0) + change)
  }

  const count = (guildId: GuildId): number => byGuild.get(guildId) ?? 0
  const isEmpty = (): boolean => byGuild.values().every((waiting) => waiting === 0)

  function hold(tx: WriteTx, event: Omit<WaitingEvent, 'receivedAt'>, missing: readonly string[]): void {
    if (isWaiting(tx, event)) return replaceWaitingFor(tx, event, missing)
    if (count(event.guildId) >= limits.waitingPerGuild) return
    if ((byPeer.get(event.fromPeer) ?? 0) >= limits.waitingPerPeer) return
    insertWaiting(tx, { ...event, receivedAt: deps.now() })
    replaceWaitingFor(tx, event, missing)
    adjust(tx, event, 1)
  }

  function drop(tx: WriteTx, eventId: EventId): void {
    if (isEmpty()) return
    for (const owner of deleteWaitingCopies(tx, eventId)) adjust(tx, owner, -1)
  }

  function dropCopy(tx: WriteTx, copy: WaitingCopy): void {
    if (isEmpty()) return
    const owner = deleteWaiting(tx, copy)
    if (owner !== undefined) adjust(tx, owner, -1)
  }

  async function releaseChildren(arrived: readonly EventId[]): Promise<void> {
    let parents = isEmpty() ? [] : arrived
    while (parents.length > 0) {
      const left = parents
      parents = await db.write((tx) => placeDescendants(tx, left))
    }
  }

  /** Works off parents and the children it places, up to one batch. Gives those that are left. */
  function placeDescendants(tx: WriteTx, parents: readonly EventId[]): EventId[] {
    const left = [...parents]
    let room = PLACE_BATCH
    for (let parent = left.shift(); parent !== undefined; parent = left.shift()) {
      if (room <= 0) return [parent, ...left]
      const children = listWaitingOnlyFor(tx, parent, room)
      // A full page may not be all: then the parent has its turn again.
      if (children.length === room) left.unshift(parent)
      else deleteWaitingFor(tx, parent)
      room -= Math.max(1, children.length)
      left.push(...children.filter((child) => placeWaiting(tx, child)).map((child) => child.eventId))
    }
    return left
  }

  /** True when the event is in the graph now. Its bytes were checked before it was held. */
  function placeWaiting(tx: WriteTx, waiting: WaitingEvent): boolean {
    const { eventId, guildId, body } = waiting
    // The child names its guild itself: what it waited for may have come in another one, and then it is found out here.
    const graph = deps.findGraph(tx, guildId)
    const placement = graph
      ? placeEvent(tx, graph, { event: parseStored<GuildEvent>(body), text: body }, deps.now())
      : ({ kind: 'rejected', reason: 'unknown_guild' } as const)
    if (placement.kind === 'waiting') {
      replaceWaitingFor(tx, waiting, placement.missing)
      return false
    }
    if (placement.kind === 'rejected') {
      dropCopy(tx, waiting)
      deps.log.warn({ event_id: eventId, reason: placement.reason }, 'A waiting event was rejected')
      return false
    }
    drop(tx, eventId)
    return placement.kind !== 'duplicate'
  }

  async function forgetBefore(receivedAt: number): Promise<void> {
    await db.write((tx) => {
      tx.afterCommit(recount)
      deleteWaitingBefore(tx, receivedAt)
    })
  }

  return { count, hold, drop, dropCopy, releaseChildren, forgetBefore }
}

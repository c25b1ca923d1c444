import type { EventId } from '../../node/base/ids.ts'
import { isLawEvent, type LawEvent, positionOf, type TimelineEvent } from '../../node/events/schema/event.ts'
import type { TestNode } from './test-node.ts'

export type TestEvent = LawEvent | TimelineEvent

/** What one node has of a guild's graph: its own log, and what it heard of the others. Always closed under links. */
export interface NodeView {
  readonly node: TestNode
  readonly events: ReadonlyMap<EventId, TestEvent>
  /** Links for the node's next event. */
  links(): { position: number; prev_events: EventId[]; auth_events: EventId[]; earliestTs: number }
  /** Takes an event whose links it has; throws otherwise. Again has no effect. */
  take(event: TestEvent): void
  /** Takes all that the other has. */
  hear(other: NodeView): void
  /** Takes one event of the other with everything it rests on. */
  hearOf(other: NodeView, id: EventId): void
}

const MAX_LINKS = 20

export function createNodeView(node: TestNode): NodeView {
  const events = new Map<EventId, TestEvent>()
  const heads = new Set<EventId>()
  const lawHeads = new Set<EventId>()
  let own: TestEvent | undefined

  function links(): ReturnType<NodeView['links']> {
    const ownId = own?.event_id
    const others = [...heads].filter((id) => id !== ownId).sort()
    const previous = [...(ownId === undefined ? [] : [ownId]), ...others].slice(0, MAX_LINKS)
    const law = [...lawHeads].sort().slice(0, MAX_LINKS)
    return {
      position: own ? positionOf(own) + 1 : 1,
      prev_events: previous,
      auth_events: law,
      earliestTs: 1 + Math.max(0, ...[...previous, ...law].map((id) => events.get(id)?.origin_ts ?? 0)),
    }
  }

  function take(event: TestEvent): void {
    if (events.has(event.event_id)) return
    for (const id of [...event.prev_events, ...event.auth_events])
      if (!events.has(id)) throw new Error(`${node.name} lacks ${id}, to which ${event.event_id} links`)
    events.set(event.event_id, event)
    for (const id of event.prev_events) heads.delete(id)
    heads.add(event.event_id)
    if (event.origin_server === node.serverName) own = event
    if (!isLawEvent(event)) return
    for (const id of event.auth_events) lawHeads.delete(id)
    lawHeads.add(event.event_id)
  }

  function hear(other: NodeView): void {
    for (const event of other.events.values()) take(event)
  }

  function hearOf(other: NodeView, id: EventId): void {
    const event = other.events.get(id)
    if (!event) throw new Error(`${other.node.name} does not have ${id}`)
    if (events.has(id)) return
    for (const link of [...event.prev_events, ...event.auth_events]) hearOf(other, link)
    take(event)
  }

  return { node, events, links, take, hear, hearOf }
}

import type { ChannelId, EventId, GuildId, InviteId, ServerName } from '../../node/base/ids.ts'
import { blake3 } from '../../node/events/id.ts'
import { buildEvent } from '../../node/events/build.ts'
import { createJoinProof, invitePublicKey } from '../../node/events/join-proof.ts'
import type { LawContent, TimelineContent } from '../../node/events/schema/content.ts'
import { isLawEvent, type LawEvent, type LawEventType } from '../../node/events/schema/event.ts'
import type { GuildState } from '../../node/events/state/guild-state.ts'
import { createLaw, type Law } from '../../node/events/state/law.ts'
import { createdIdOf } from '../../node/events/wire-form.ts'
import { createNodeView, type NodeView, type TestEvent } from './node-view.ts'
import { type Person, TEST_EPOCH_MS, type TestNode } from './test-node.ts'

type Content = LawContent & TimelineContent
type EventOf<Type extends keyof Content> = Extract<TestEvent, { event_type: Type }>
type Said<Type extends keyof Content> = Omit<Content[Type], 'log'>

export interface ActOptions {
  /** Clock of the acting node, ms; the links may force a later time. */
  readonly at?: number
  /** Links to these instead of the law heads the node has seen, as a lying node would. */
  readonly authEvents?: readonly EventId[]
}

/**
 * A guild made of real events, signed and linked by simulated nodes that each see only what they heard. Nothing is random
 * and no clock is read: the same calls give the same bytes. The law is not asked: who may not act can still write.
 */
export interface GuildGraph {
  readonly guildId: GuildId
  readonly owner: Person
  /** All events in the order they were made; parents first. */
  readonly events: readonly TestEvent[]
  readonly lawEvents: readonly LawEvent[]
  /** The wire form of one of them: what nodes send each other. */
  textOf(id: EventId): string
  viewOf(node: TestNode): NodeView
  /** Writes a law event at the person's node; other nodes have not heard of it. */
  act<Type extends LawEventType>(who: Person, type: Type, content: Said<Type>, options?: ActOptions): EventOf<Type>
  /** Writes a message at the person's node. */
  say(who: Person, channelId: ChannelId, text: string, options?: ActOptions): EventOf<'message'>
  /** `listener` hears all that `speaker` has. */
  tell(speaker: TestNode, listener: TestNode): void
  /** Every node hears everything. */
  share(): void

  /** Everybody in step: invites, joins, and lets all nodes hear of it. */
  withMember(who: Person, options?: { roles?: readonly string[]; by?: Person }): GuildGraph
  /** A channel everybody knows, made by the owner. */
  withChannel(name: string): GuildGraph
  /** The id of the newest channel of this name. */
  channel(name: string): ChannelId
  invite(by: Person, options?: Partial<Said<'invite.create'>> & ActOptions): TestInvite
  /** Joins with the invite as far as the person's node has heard of it. */
  join(who: Person, invite: TestInvite, options?: ActOptions): EventOf<'member.join'>

  /** The law of all events so far, and its state. */
  law(): Law
  state(): GuildState
}

export interface TestInvite {
  readonly inviteId: InviteId
  readonly secret: Uint8Array
  readonly by: Person
  readonly event: EventOf<'invite.create'>
}

export function guildOf(owner: Person, name = 'Test guild'): GuildGraph {
  const events: TestEvent[] = []
  const texts = new Map<EventId, string>()
  const views = new Map<ServerName, NodeView>()
  const channels = new Map<string, ChannelId>()
  let ticks = 0

  function viewOf(node: TestNode): NodeView {
    const view = views.get(node.serverName) ?? createNodeView(node)
    views.set(node.serverName, view)
    return view
  }

  function write<Type extends keyof Content>(
    who: Person,
    draft: { type: Type; roomId: string; content: Said<Type>; log: object; options: ActOptions | undefined },
  ): EventOf<Type> {
    const view = viewOf(who.node)
    const { position, prev_events, auth_events, earliestTs } = view.links()
    ticks += 1
    const built = buildEvent<Type>(
      {
        event_type: draft.type,
        origin_server: who.node.serverName,
        room_id: draft.roomId,
        sender: who.userId,
        origin_ts: Math.max(draft.options?.at ?? TEST_EPOCH_MS + ticks * 1_000, earliestTs),
        content: { ...draft.content, log: { position, ...firstOf(who, position), ...draft.log } } as Content[Type],
        prev_events,
        auth_events: draft.options?.authEvents ?? auth_events,
      },
      who.node.signer,
    )
    const event = built.event as EventOf<Type>
    events.push(event)
    texts.set(built.eventId, built.text)
    view.take(event)
    return event
  }

  const genesis = write(owner, {
    type: 'guild.create',
    roomId: '',
    content: {
      nonce: Buffer.from(blake3(`nonce ${name}`))
        .toString('hex')
        .slice(0, 32),
      name,
      author: { id: owner.userId, username: owner.username },
    },
    log: {},
    options: undefined,
  })
  const guildId = genesis.room_id as GuildId

  const act: GuildGraph['act'] = (who, type, content, options) => {
    const event = write(who, { type, roomId: guildId, content, log: {}, options })
    noteChannel(event)
    return event
  }

  function noteChannel(event: TestEvent): void {
    if (event.event_type === 'channel.create') channels.set(event.content.name, createdIdOf(event))
  }

  const say: GuildGraph['say'] = (who, channelId, text, options) =>
    write(who, {
      type: 'message',
      roomId: channelId,
      content: { author: { id: who.userId, username: who.username }, content: text },
      log: { guild_id: guildId },
      options,
    })

  function share(): void {
    for (const event of events) for (const view of views.values()) view.take(event)
  }

  function invite(by: Person, options: Parameters<GuildGraph['invite']>[1] = {}): TestInvite {
    const { at, ...content } = options
    const secret = blake3(`invite ${events.length} ${by.key}`)
    const drafted = { public_key: invitePublicKey(secret), ...content }
    const event = act(by, 'invite.create', drafted, at === undefined ? {} : { at })
    return { inviteId: createdIdOf(event), secret, by, event }
  }

  function join(who: Person, { inviteId, secret }: TestInvite, options?: ActOptions): EventOf<'member.join'> {
    const proof = createJoinProof(secret, { guildId, userId: who.userId, serverName: who.node.serverName })
    const author = { id: who.userId, username: who.username }
    return act(who, 'member.join', { author, invite_id: inviteId, proof }, options)
  }

  function withMember(who: Person, options: { roles?: readonly string[]; by?: Person } = {}): GuildGraph {
    const { by = owner, ...offer } = options
    viewOf(who.node)
    act(by, 'member.invite', { target: who.ref, ...offer })
    share()
    act(who, 'member.join', { author: { id: who.userId, username: who.username } })
    share()
    return graph
  }

  function withChannel(channelName: string): GuildGraph {
    act(owner, 'channel.create', { name: channelName })
    share()
    return graph
  }

  function channel(channelName: string): ChannelId {
    const id = channels.get(channelName)
    if (id === undefined) throw new Error(`no channel ${channelName} was made`)
    return id
  }

  function textOf(id: EventId): string {
    const text = texts.get(id)
    if (text === undefined) throw new Error(`no event ${id} was made`)
    return text
  }

  function law(): Law {
    const all = createLaw(guildId)
    for (const event of events) if (isLawEvent(event)) all.add(event)
    return all
  }

  function state(): GuildState {
    const { state: now } = law().current()
    if (!now) throw new Error('the guild has no state')
    return now
  }

  const graph: GuildGraph = {
    guildId,
    owner,
    events,
    get lawEvents() {
      return events.filter(isLawEvent)
    },
    textOf,
    viewOf,
    act,
    say,
    tell: (speaker, listener) => viewOf(listener).hear(viewOf(speaker)),
    share,
    withMember,
    withChannel,
    channel,
    invite,
    join,
    law,
    state,
  }
  return graph
}

/** What the first event of a log carries beside its position. */
const firstOf = ({ node }: Person, position: number): object => (position === 1 ? { statement: node.ownStatement } : {})

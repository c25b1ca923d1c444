import { describe, expect, it } from 'vitest'
import type { EventId } from '../../../../node/base/ids.ts'
import { createJoinProof } from '../../../../node/events/join-proof.ts'
import { forge, type Forgery } from '../../../kit/forged-event.ts'
import { type GuildGraph, guildOf, type TestInvite } from '../../../kit/guild-graph.ts'
import { person, TEST_EPOCH_MS } from '../../../kit/test-node.ts'
import { openTimelineNode, pictureOf, shownIn, textsOf } from '../../../kit/timeline-node.ts'

const alice = person('alice')
const bob = person('bob')
const mallory = person('mallory')

/** A guild, a node that holds it, and alice's newest event: the start of honest and of forged events. */
async function heldGuild() {
  const guild = guildOf(alice).withMember(bob).withChannel('general')
  const channel = guild.channel('general')
  const last = guild.say(alice, channel, 'hello')
  guild.share()
  const node = await openTimelineNode('carol')
  await node.take(guild, guild.events)
  const honest = {
    roomId: channel,
    position: last.content.log.position + 1,
    prev: [last.event_id],
    auth: last.auth_events,
    at: last.origin_ts + 1,
  } satisfies Forgery
  return { guild, channel, node, last, honest }
}

describe('an event from another node', () => {
  it('is accepted when its links, place and clock are right, and known the second time', async () => {
    const { guild, node, honest } = await heldGuild()
    const event = forge(guild, alice, honest)

    const outcomes = await node.take(guild, [event, event])

    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['accepted', 'duplicate'])
  })

  it.each<[string, string, Partial<Forgery>]>([
    ['skips a place of its own log', 'own_chain_broken', { position: 40 }],
    ['takes a place twice by its links', 'own_chain_broken', { position: 3 }],
    ['is not later than what it links to', 'clock_backwards', { at: TEST_EPOCH_MS }],
    ['claims to be the first of its log', 'stranger', { position: 1, log: { statement: alice.node.ownStatement } }],
  ])('that %s is rejected', async (_, reason, lie) => {
    const { guild, node, honest } = await heldGuild()

    expect(await node.take(guild, [forge(guild, alice, { ...honest, ...lie })])).toEqual([{ kind: 'rejected', reason }])
  })

  it('that builds on the log of another node is rejected', async () => {
    const { guild, node, honest } = await heldGuild()

    expect(await node.take(guild, [forge(guild, bob, honest)])).toEqual([
      { kind: 'rejected', reason: 'own_chain_broken' },
    ])
  })

  it('that is not later than the law it names is rejected', async () => {
    const { guild, node, honest } = await heldGuild()
    const renamed = guild.act(alice, 'guild.update', { name: 'Renamed' }, { at: honest.at + 1_000 })
    await node.take(guild, [renamed])
    const said = guild.events.findLast(({ origin_server: origin }) => origin === bob.node.serverName) ?? expect.fail()
    const forgery = { ...honest, position: 2, prev: [said.event_id], auth: [renamed.event_id] }

    const outcomes = await node.take(
      guild,
      [0, 1].map((tick) => forge(guild, bob, { ...forgery, at: renamed.origin_ts + tick })),
    )

    expect(outcomes).toMatchObject([{ kind: 'rejected', reason: 'clock_backwards' }, { kind: 'accepted' }])
  })

  it('that has seen less law than its predecessor is rejected', async () => {
    const { guild, node, honest } = await heldGuild()
    const genesis = guild.events[0]?.event_id ?? expect.fail()

    expect(await node.take(guild, [forge(guild, alice, { ...honest, auth: [genesis] })])).toEqual([
      { kind: 'rejected', reason: 'auth_backwards' },
    ])
  })

  it('that rests its rights on a message is rejected', async () => {
    const { guild, node, honest, last } = await heldGuild()

    expect(await node.take(guild, [forge(guild, alice, { ...honest, auth: [last.event_id] })])).toEqual([
      { kind: 'rejected', reason: 'auth_event_not_law' },
    ])
  })

  it('that links to an event of another guild is rejected', async () => {
    const { guild, node, honest, last } = await heldGuild()
    const other = guildOf(bob, 'Another guild')
    await node.take(other, other.events)
    const foreign = other.events[0]?.event_id ?? expect.fail()
    const linked = forge(guild, alice, { ...honest, prev: [last.event_id, foreign] })

    expect(await node.take(guild, [linked])).toEqual([{ kind: 'rejected', reason: 'parent_of_other_guild' }])
  })

  it('of a guild that this node neither holds nor expects is rejected', async () => {
    const guild = guildOf(alice)
    const node = await openTimelineNode('carol')

    const outcomes = await node.timeline.receive(guild.guildId, textsOf(guild), alice.node.serverName)

    expect(outcomes).toEqual([{ kind: 'rejected', reason: 'unknown_guild' }])
    expect(node.timeline.guildIds()).toEqual([])
  })

  it.each([
    ['of another guild', (text: string) => text, 'other_guild'],
    ['with a changed word', (text: string) => text.replace('hello', 'hallo'), 'event_id_mismatch'],
    ['that is no event', () => '{"hello": 1}', expect.any(String)],
    ['that is no JSON', () => 'hello', expect.any(String)],
  ])('%s is rejected by its bytes', async (_, change, reason) => {
    const { guild, node, last } = await heldGuild()
    const target = reason === 'other_guild' ? guildOf(bob, 'Another guild') : guild

    expect(await node.take(target, [change(JSON.stringify(last))])).toEqual([{ kind: 'rejected', reason }])
  })

  it('that leaves in the name of nobody is rejected by its bytes', async () => {
    const { guild, node, honest } = await heldGuild()
    const leave = { ...honest, type: 'member.leave', roomId: guild.guildId, content: { author: null } }

    expect(await node.take(guild, [forge(guild, alice, leave)])).toEqual([
      { kind: 'rejected', reason: 'author_mismatch' },
    ])
  })

  it('that the law refuses is kept, passed on, and not shown', async () => {
    const { guild, channel, node } = await heldGuild()
    guild.act(alice, 'member.ban', { target: bob.ref })
    guild.share()
    const refused = guild.say(bob, channel, 'still here')

    const outcomes = await node.take(guild, guild.events.slice(-2))

    expect(outcomes).toMatchObject([{ kind: 'accepted' }, { kind: 'refused', eventId: refused.event_id }])
    expect(shownIn(node.timeline, channel)).not.toContain(refused.event_id)
    expect(node.timeline.findEvent(refused.event_id)).toMatchObject({ sequence: null, isLaw: false })
    const passedOn = [...node.timeline.missingFor(guild.guildId, [])].flat().map((event) => event.eventId)
    expect(passedOn).toContain(refused.event_id)
  })
})

describe('the log of a stranger', () => {
  it('is rejected, whatever it says first', async () => {
    const { guild, channel, node } = await heldGuild()
    guild.viewOf(mallory.node)
    guild.tell(alice.node, mallory.node)
    const message = guild.say(mallory, channel, 'let me in')
    const join = guildOf(alice).withMember(bob).withChannel('general')
    join.say(alice, channel, 'hello')
    join.share()
    join.tell(alice.node, mallory.node)
    const uninvited = join.act(mallory, 'member.join', {
      author: { id: mallory.userId, username: mallory.username },
    })

    const outcomes = await node.take(guild, [message, uninvited])

    expect(outcomes).toEqual([
      { kind: 'rejected', reason: 'stranger' },
      { kind: 'rejected', reason: 'stranger' },
    ])
    expect(node.timeline.tips(guild.guildId).map((tip) => tip.origin)).not.toContain(mallory.node.serverName)
  })

  it('is taken from the join on that an invite allows', async () => {
    const { guild, channel, node } = await heldGuild()
    const invite = guild.invite(alice)
    guild.tell(alice.node, mallory.node)
    guild.join(mallory, invite)
    const said = guild.say(mallory, channel, 'thank you')

    const outcomes = await node.take(guild, guild.events.slice(-3))

    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['accepted', 'accepted', 'accepted'])
    expect(shownIn(node.timeline, channel)).toContain(said.event_id)
  })
})

describe('a join that claims an early hour', () => {
  it.each([
    ['before the invite it uses', 'clock_backwards', -1],
    ['of the invite itself', 'clock_backwards', 0],
  ])('%s is rejected', async (_, reason, tick) => {
    const { guild, node } = await heldGuild()
    const invite = guild.invite(alice)
    await node.take(guild, [invite.event])

    expect(await node.take(guild, [joinAt(guild, invite, invite.event.origin_ts + tick)])).toEqual([
      { kind: 'rejected', reason },
    ])
  })

  it('right after the invite is taken', async () => {
    const { guild, node } = await heldGuild()
    const invite = guild.invite(alice)
    await node.take(guild, [invite.event])

    expect(await node.take(guild, [joinAt(guild, invite, invite.event.origin_ts + 1)])).toMatchObject([
      { kind: 'accepted' },
    ])
  })

  /** Linked to nothing but the invite, so that only the law it names bounds its clock. */
  function joinAt(guild: GuildGraph, { inviteId, secret, event }: TestInvite, at: number): string {
    const { userId, username, node } = mallory
    const proof = createJoinProof(secret, { guildId: guild.guildId, userId, serverName: node.serverName })
    return forge(guild, mallory, {
      type: 'member.join',
      roomId: guild.guildId,
      position: 1,
      prev: [],
      auth: [event.event_id],
      at,
      content: { author: { id: userId, username }, invite_id: inviteId, proof },
      log: { statement: node.ownStatement },
    })
  }
})

describe('a node that writes two events after the same one', () => {
  it('is marked and both are kept, in either order', async () => {
    const { guild, channel, node, honest } = await heldGuild()
    const forks = [0, 1].map((tick) => forge(guild, alice, { ...honest, at: honest.at + tick }))
    const mirror = await openTimelineNode('mirror')
    await mirror.take(guild, guild.events)

    await node.take(guild, forks)
    await mirror.take(guild, forks.reverse())

    const picture = pictureOf(node, guild.guildId)
    expect(picture.equivocated).toEqual([alice.node.serverName])
    expect(picture.tips.filter((tip) => tip.startsWith(alice.node.serverName))).toHaveLength(2)
    expect(pictureOf(mirror, guild.guildId)).toEqual(picture)
    expect(shownIn(node.timeline, channel)).toHaveLength(3)
  })

  it('is still marked after a restart', async () => {
    const { guild, node, honest } = await heldGuild()
    await node.take(guild, [forge(guild, alice, honest), forge(guild, alice, { ...honest, at: honest.at + 1 })])
    const before = pictureOf(node, guild.guildId)

    node.restart()

    expect(pictureOf(node, guild.guildId)).toEqual(before)
  })

  it('may go on with either, and both chains are taken', async () => {
    const { guild, node, honest } = await heldGuild()
    const forks = [0, 1].map((tick) => forge(guild, alice, { ...honest, at: honest.at + tick }))
    const chains = forks.map((text) => {
      const { event_id } = JSON.parse(text) as { event_id: EventId }
      return forge(guild, alice, {
        ...honest,
        position: honest.position + 1,
        prev: [event_id],
        at: honest.at + 10,
      })
    })

    const outcomes = await node.take(guild, [...forks, ...chains])

    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['accepted', 'accepted', 'accepted', 'accepted'])
    const tips = node.timeline.tips(guild.guildId).filter((tip) => tip.origin === alice.node.serverName)
    expect(tips.map((tip) => tip.position)).toEqual([honest.position + 1, honest.position + 1])
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { guildOf } from '../../../kit/guild-graph.ts'
import { history } from '../../../kit/random-history.ts'
import { person } from '../../../kit/test-node.ts'
import { openTimelineNode, pictureOf, textsOf, type TimelineNode } from '../../../kit/timeline-node.ts'

const alice = person('alice')
const bob = person('bob')
const cleo = person('cleo')

/** Three nodes that write at once, are cut off from each other, and refuse some of what the others say. */
function busyGuild() {
  const guild = guildOf(alice)
    .withMember(bob)
    .withMember(cleo, { roles: ['admin'] })
    .withChannel('general')
  const channel = guild.channel('general')
  for (let round = 0; round < 6; round += 1) {
    for (const who of [alice, bob, cleo]) guild.say(who, channel, `${who.username} says ${round}`)
    if (round === 1) guild.act(cleo, 'channel.create', { name: 'side' })
    if (round === 2) guild.act(alice, 'member.roles', { target: bob.ref, roles: ['guest'] })
    if (round % 2 === 0) guild.tell(alice.node, bob.node)
    if (round === 4) guild.tell(cleo.node, alice.node)
  }
  guild.say(bob, guild.channel('side'), 'in a channel nobody told me of')
  return guild
}

const shuffled = <T>(items: readonly T[]) => fc.shuffledSubarray([...items], { minLength: items.length })

/** Deliveries of at most eight events each, in this order. */
async function deliver(node: TimelineNode, guild: ReturnType<typeof guildOf>, texts: readonly string[]): Promise<void> {
  for (let start = 0; start < texts.length; start += 8) await node.take(guild, texts.slice(start, start + 8))
}

describe('the order of arrival', () => {
  it('makes no difference: any shuffle with any doubling gives the same tips, law and messages', async () => {
    const guild = busyGuild()
    const texts = textsOf(guild)
    const reference = await openTimelineNode('reference')
    await deliver(reference, guild, texts)
    const expected = pictureOf(reference, guild.guildId)
    expect(reference.timeline.findGuild(guild.guildId)?.events).toBe(texts.length)

    await fc.assert(
      fc.asyncProperty(shuffled([...texts, ...texts.slice(0, 10)]), async (order) => {
        const node = await openTimelineNode('shuffled')
        await deliver(node, guild, order)

        expect(pictureOf(node, guild.guildId)).toEqual(expected)
        expect(node.timeline.findGuild(guild.guildId)?.waiting).toBe(0)
      }),
      { numRuns: 25 },
    )
  })

  it('makes no difference to what of a history full of lies is taken', async () => {
    await fc.assert(
      fc.asyncProperty(history(40), fc.gen(), async (guild, gen) => {
        const texts = textsOf(guild)
        const [first, second] = [await openTimelineNode('first'), await openTimelineNode('second')]

        await deliver(first, guild, texts)
        await deliver(second, guild, gen(shuffled, texts))

        expect(pictureOf(second, guild.guildId)).toEqual(pictureOf(first, guild.guildId))
      }),
      { numRuns: 25 },
    )
  })

  it('makes no difference when the last event of a long chain comes first', async () => {
    const guild = guildOf(alice).withChannel('general')
    for (let index = 0; index < 300; index += 1) guild.say(alice, guild.channel('general'), `message ${index}`)
    const node = await openTimelineNode('backwards')
    const before = node.db.stats().commits

    await deliver(node, guild, textsOf(guild).reverse())

    expect(node.timeline.findGuild(guild.guildId)).toMatchObject({ events: 302, waiting: 0 })
    expect(node.db.stats().commits - before, 'a commit places many events').toBeLessThan(100)
  })
})

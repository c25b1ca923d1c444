import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkProjections, rebuildProjections } from '../../../../node/services/timeline/rebuild.ts'
import { guildOf } from '../../../kit/guild-graph.ts'
import { history } from '../../../kit/random-history.ts'
import { person } from '../../../kit/test-node.ts'
import { openTimelineNode, pictureOf, textsOf, type TimelineNode } from '../../../kit/timeline-node.ts'

const alice = person('alice')
const bob = person('bob')

/** A node with two channels, refused messages, and a tip that others have seen. */
async function busyNode() {
  const guild = guildOf(alice).withMember(bob).withChannel('general').withChannel('side')
  for (const name of ['general', 'side', 'general', 'general']) guild.say(alice, guild.channel(name), `in ${name}`)
  guild.act(alice, 'member.ban', { target: bob.ref })
  guild.share()
  guild.say(bob, guild.channel('general'), 'refused')
  const node = await openTimelineNode('carol')
  await node.take(guild, guild.events)
  return { guild, node }
}

const rowsOf = ({ db }: TimelineNode) =>
  db.read((tx) => [
    tx.all('SELECT stream, refusal, sequence FROM events ORDER BY stream'),
    tx.all('SELECT * FROM logs ORDER BY log_id'),
  ])

describe('rebuilding projections from the log', () => {
  it('finds nothing to do on a node as it runs', async () => {
    const { node } = await busyNode()

    expect(checkProjections(node.db)).toEqual([])
  })

  it('finds nothing to do after any history, in any order of arrival', async () => {
    await fc.assert(
      fc.asyncProperty(history(40), fc.gen(), async (guild, gen) => {
        const texts = textsOf(guild)
        const order = gen(() => fc.shuffledSubarray(texts, { minLength: texts.length }))
        const node = await openTimelineNode('carol')

        await node.take(guild, order)

        expect(checkProjections(node.db)).toEqual([])
      }),
      { numRuns: 15 },
    )
  })

  it.each([
    ['sequences that moved up', 'UPDATE events SET sequence = sequence + 100'],
    ['sequences in the wrong order', 'UPDATE events SET sequence = 100 - sequence'],
    ['sequences that are gone', 'UPDATE events SET sequence = NULL'],
    ['a refusal that is gone', 'UPDATE events SET refusal = NULL'],
    ['refusals that nobody spoke', `UPDATE events SET refusal = 'banned' WHERE is_law = 0`],
    [
      'tips that are behind',
      `UPDATE logs SET tip_position = 1, tip_event_id = (SELECT event_id FROM events WHERE stream = 1)`,
    ],
    ['heads that are not', 'UPDATE logs SET tip_covered = 1 - tip_covered'],
    ['an equivocation that never was', 'UPDATE logs SET equivocated = 1'],
  ])('puts right %s', async (_, damage) => {
    const { guild, node } = await busyNode()
    const rows = rowsOf(node)
    const picture = pictureOf(node, guild.guildId)
    node.db.writeNow((tx) => tx.run(damage))

    const faults = rebuildProjections(node.db)
    node.restart()

    expect(faults.length).toBeGreaterThan(0)
    expect(rowsOf(node)).toEqual(rows)
    expect(pictureOf(node, guild.guildId)).toEqual(picture)
    expect(checkProjections(node.db)).toEqual([])
  })
})

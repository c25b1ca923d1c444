import { copyFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { exportEvents, type ExportSummary } from '../../node/storage/export.ts'
import { overwrite } from '../kit/faulty-files.ts'
import { guildOf } from '../kit/guild-graph.ts'
import { tempDir } from '../kit/temp-dir.ts'
import { person } from '../kit/test-node.ts'
import { openTimelineNode, pictureOf, textsOf } from '../kit/timeline-node.ts'

const alice = person('alice')
const bob = person('bob')

function longGuild(messages: number) {
  const guild = guildOf(alice).withMember(bob).withChannel('general')
  for (let index = 0; index < messages; index += 1) guild.say(alice, guild.channel('general'), `message ${index}`)
  return guild
}

function exportAll(path: string): { lines: string[]; summary: ExportSummary } {
  const lines: string[] = []
  const events = exportEvents(path)
  for (let step = events.next(); ; step = events.next()) {
    if (step.done === true) return { lines, summary: step.value }
    lines.push(step.value)
  }
}

describe('exporting events', () => {
  it('gives every event as received, oldest first, while the node runs', async () => {
    const guild = longGuild(600)
    const node = await openTimelineNode('carol')
    await node.take(guild, guild.events)

    const { lines, summary } = exportAll(node.db.path)

    expect(lines).toEqual(textsOf(guild))
    expect(summary).toEqual({ exported: lines.length, unreadable: 0 })
  })

  it('gives what a node that has nothing can take in, and then both are equal', async () => {
    const guild = longGuild(100)
    const node = await openTimelineNode('carol')
    await node.take(guild, guild.events)
    const fresh = await openTimelineNode('dora')

    const outcomes = await fresh.take(guild, exportAll(node.db.path).lines)

    expect(outcomes.every((outcome) => outcome.kind === 'accepted')).toBe(true)
    expect(pictureOf(fresh, guild.guildId)).toEqual(pictureOf(node, guild.guildId))
  })

  it('saves from a damaged file what can still be read, and counts the rest', async () => {
    const guild = longGuild(1_500)
    const node = await openTimelineNode('carol')
    await node.take(guild, guild.events)
    node.restart()
    const damaged = tempDir().file('damaged.db')
    copyFileSync(node.db.path, damaged)
    overwrite(damaged, { at: 'middle', bytes: 32_768 })

    const { lines, summary } = exportAll(damaged)

    const texts = new Set(textsOf(guild))
    expect(lines.every((line) => texts.has(line))).toBe(true)
    expect(summary.exported).toBe(lines.length)
    expect(summary.exported).toBeGreaterThan(texts.size / 2)
    expect(summary.exported).toBeLessThan(texts.size)
    expect(summary.unreadable).toBeGreaterThanOrEqual(texts.size - summary.exported)
  })
})

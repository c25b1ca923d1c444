import { onTestFinished } from 'vitest'
import type { ChannelId, GuildId, ServerName } from '../../node/base/ids.ts'
import { checkText } from '../../node/services/timeline/check-text.ts'
import { createTimeline, type TimelineDeps } from '../../node/services/timeline/index.ts'
import type { ReceiveOutcome, Timeline } from '../../node/services/timeline/types.ts'
import type { Database } from '../../node/storage/database.ts'
import { heldClock } from './clock.ts'
import { openTestDatabase } from './database.ts'
import type { GuildGraph } from './guild-graph.ts'
import { recordingLogger } from './log.ts'
import type { TestEvent } from './node-view.ts'
import { rotated, TEST_EPOCH_MS, testNode } from './test-node.ts'

/** Long after whatever built the guild. */
const NOW_MS = TEST_EPOCH_MS + 1_000_000_000

export interface TimelineOptions {
  limits?: TimelineDeps['limits']
  /** Sees every database the timeline gets, to let it fail. */
  wrap?: (db: Database) => Database
}

export type TimelineNode = Awaited<ReturnType<typeof openTimelineNode>>

/** The real timeline of one node over a database of its own; events are checked on the spot. Closes with the test. */
export async function openTimelineNode(name: string, options: TimelineOptions = {}) {
  const database = await openTestDatabase()
  onTestFinished(() => database[Symbol.asyncDispose]())
  const { serverName: origin } = testNode(name)
  let keys = testNode(name)
  const clock = heldClock(NOW_MS)
  const log = recordingLogger()
  const wrap = options.wrap ?? ((db) => db)
  let nonces = 0
  let rotations = 0

  const start = (db: Database) =>
    createTimeline({
      db: wrap(db),
      clock,
      log,
      origin,
      signer: keys.signer,
      statement: keys.ownStatement,
      verifier: {
        check: (guildId, texts) => Promise.resolve(texts.map((text) => checkText(text, guildId))),
        pending: () => 0,
        close: () => Promise.resolve(),
      },
      limits: options.limits ?? { waitingPerGuild: 10_000, waitingPerPeer: 10_000 },
      newNonce: () => (++nonces).toString(16).padStart(32, '0'),
    })
  let running = start(database.db)

  return {
    name,
    origin,
    clock,
    log,
    get db() {
      return database.db
    },
    get timeline() {
      return running.timeline
    },
    get feed() {
      return running.feed
    },
    /** The node goes down and comes up on the same file. */
    restart() {
      running = start(database.reopen())
    },
    /** The same, with the next signing key. */
    restartWithNewKey() {
      keys = rotated(keys, ++rotations)
      running = start(database.reopen())
    },
    /** Takes events of a guild, as another node sends them. */
    take: (guild: { guildId: GuildId }, events: readonly (TestEvent | string)[], from = 'somebody') =>
      receive(running.timeline, guild.guildId, events, testNode(from).serverName),
  }
}

function receive(
  timeline: Timeline,
  guildId: GuildId,
  events: readonly (TestEvent | string)[],
  from: ServerName,
): Promise<ReceiveOutcome[]> {
  timeline.expect(guildId)
  return timeline.receive(guildId, events.map(textOf), from)
}

/** The wire form: events of the kit were read from it, so their members are in its order. */
export const textOf = (event: TestEvent | string): string => (typeof event === 'string' ? event : JSON.stringify(event))

/** What has to be the same on all nodes that hold the same events, however they came. */
export function pictureOf({ timeline }: Pick<TimelineNode, 'timeline'>, guildId: GuildId) {
  const guild = timeline.findGuild(guildId)
  if (guild === undefined) throw new Error('the node does not hold the guild')
  const channels = [...guild.state.channels.keys()].sort()
  return {
    stateHash: guild.stateHash,
    lawHeads: guild.lawHeads,
    tips: guild.tips.map((tip) => `${tip.origin} ${tip.position} ${tip.eventId}`).sort(),
    equivocated: [...guild.equivocated].sort(),
    shown: channels.map((channelId) => [channelId, shownIn(timeline, channelId)]),
  }
}

/** Ids of all shown messages of a channel, sorted. */
export const shownIn = (timeline: Timeline, channelId: ChannelId): string[] =>
  timeline
    .page(channelId, { limit: 1_000_000 })
    .map((event) => event.eventId)
    .sort()

/** Both nodes exchange what the other lacks, over and over, until nothing new comes. Gives how many rounds brought something. */
export async function exchange(left: TimelineNode, right: TimelineNode, guildId: GuildId): Promise<number> {
  for (let rounds = 0; ; rounds += 1) {
    const brought = (await pull(left, right, guildId)) + (await pull(right, left, guildId))
    if (brought === 0) return rounds
    if (rounds === 10) throw new Error('the nodes never come to an end')
  }
}

async function pull(to: TimelineNode, from: TimelineNode, guildId: GuildId): Promise<number> {
  to.timeline.expect(guildId)
  let accepted = 0
  for (const page of from.timeline.missingFor(guildId, to.timeline.tips(guildId))) {
    const texts = page.map((event) => event.body)
    const outcomes = await to.timeline.receive(guildId, texts, from.origin)
    accepted += outcomes.filter(({ kind }) => kind === 'accepted' || kind === 'refused').length
  }
  return accepted
}

/** All events of a graph that anybody may see, as texts. */
export const textsOf = (guild: GuildGraph): string[] => guild.events.map(textOf)

import fc from 'fast-check'
import type { EventId } from '../../node/base/ids.ts'
import { isLawEvent, type LawEvent } from '../../node/events/schema/event.ts'
import { createLaw } from '../../node/events/state/law.ts'
import { type GuildGraph, guildOf, type TestInvite } from './guild-graph.ts'
import { person, type Person, TEST_EPOCH_MS } from './test-node.ts'

/** One step of a random history. Numbers choose from whatever there is by then, so that every history shrinks. */
export interface Step {
  readonly kind: keyof typeof STEPS
  readonly actor: number
  readonly target: number
  readonly choice: number
  /** How far the acting node's clock is off, ms. */
  readonly skew: number
}

interface World {
  readonly guild: GuildGraph
  readonly people: readonly Person[]
  readonly invites: TestInvite[]
  readonly channels: string[]
  /** Who was banned, kicked or left in some view, or never was in: they are the ones worth letting in again. */
  readonly outside: Person[]
  readonly banned: Person[]
}

interface Scene extends Step {
  readonly world: World
  readonly who: Person
  readonly whom: Person
  readonly at: number
}

const ROLES = ['admin', 'moderator', 'maintainer', 'member', 'viewer', 'helper', 'keeper', 'owner']

const STEPS = {
  tell: ({ world, who, whom }: Scene) => world.guild.tell(who.node, whom.node),
  tell_one({ world, who, whom, choice }: Scene) {
    const known = [...world.guild.viewOf(who.node).events.keys()]
    world.guild.viewOf(whom.node).hearOf(world.guild.viewOf(who.node), pick(known, choice))
  },
  share: ({ world }: Scene) => world.guild.share(),
  guild_update: ({ world, who, at, choice }: Scene) =>
    world.guild.act(who, 'guild.update', { name: `Guild ${choice}` }, { at }),
  channel_create({ world, who, at }: Scene) {
    const name = `channel-${world.channels.length}`
    world.channels.push(name)
    world.guild.act(who, 'channel.create', { name }, { at })
  },
  channel_update({ world, who, at, choice }: Scene) {
    if (world.channels.length === 0) return
    const channel_id = world.guild.channel(pick(world.channels, choice))
    world.guild.act(who, 'channel.update', { channel_id, name: `renamed ${choice}` }, { at })
  },
  channel_delete({ world, who, at, choice }: Scene) {
    if (world.channels.length === 0) return
    const channel_id = world.guild.channel(pick(world.channels, choice))
    world.guild.act(who, 'channel.delete', { channel_id }, { at })
  },
  role_put({ world, who, at, choice }: Scene) {
    const role_id = pick(ROLES, choice)
    const content = { role_id, name: role_id, position: (choice * 37) % 720, permissions: (choice * 911) % 8_192 }
    world.guild.act(who, 'role.put', content, { at })
  },
  role_delete: ({ world, who, at, choice }: Scene) =>
    world.guild.act(who, 'role.delete', { role_id: pick(ROLES, choice) }, { at }),
  roles: ({ world, who, whom, at, choice }: Scene) =>
    world.guild.act(who, 'member.roles', { target: whom.ref, roles: rolesFrom(choice) }, { at }),
  kick({ world, who, whom, at }: Scene) {
    world.outside.push(whom)
    world.guild.act(who, 'member.kick', { target: whom.ref }, { at })
  },
  ban({ world, who, whom, at, choice }: Scene) {
    world.outside.push(whom)
    world.banned.push(whom)
    const expiry = choice % 3 === 0 ? { expires_at: at + choice } : {}
    world.guild.act(who, 'member.ban', { target: whom.ref, ...expiry }, { at })
  },
  unban({ world, who, at, choice }: Scene) {
    if (world.banned.length === 0) return
    world.guild.act(who, 'member.unban', { target: pick(world.banned, choice).ref }, { at })
  },
  leave({ world, who, at, choice }: Scene) {
    if (choice % 3 > 0) return
    world.outside.push(who)
    world.guild.act(who, 'member.leave', {}, { at })
  },
  invite({ world, who, at, choice }: Scene) {
    const roles = choice % 2 === 0 ? {} : { roles: rolesFrom(choice) }
    const limits = { max_uses: 1 + (choice % 3), ...(choice % 5 === 0 ? { expires_at: at + choice } : {}) }
    world.invites.push(world.guild.invite(who, { at, ...roles, ...limits }))
  },
  revoke({ world, who, at, choice }: Scene) {
    if (world.invites.length === 0) return
    world.guild.act(who, 'invite.revoke', { invite_id: pick(world.invites, choice).inviteId }, { at })
  },
  join({ world, at, choice }: Scene) {
    if (world.invites.length === 0) return
    const [who, invite] = [pick(world.outside, choice), pick(world.invites, choice)]
    if (choice % 4 > 0) world.guild.tell(invite.by.node, who.node)
    world.guild.join(who, invite, { at })
  },
  summon: ({ world, who, at, choice }: Scene) =>
    world.guild.act(
      who,
      'member.invite',
      { target: pick(world.outside, choice).ref, roles: rolesFrom(choice) },
      { at },
    ),
  answer({ world, whom, at, choice }: Scene) {
    const who = pick(world.outside, choice)
    if (choice % 4 > 0) world.guild.tell(whom.node, who.node)
    world.guild.act(who, 'member.join', { author: { id: who.userId, username: who.username } }, { at })
  },
  /** Takes one role away from whoever has some in the actor's view. */
  demote({ world, who, whom, at, choice }: Scene) {
    const held = rolesInViewOf(world, who, whom)
    if (held.length === 0) return
    const lost = pick(held, choice)
    const content = { target: whom.ref, roles: held.filter((role) => role !== lost) }
    world.guild.act(who, 'member.roles', content, { at })
  },
  promote({ world, who, whom, at, choice }: Scene) {
    const roles = [...new Set([...rolesInViewOf(world, who, whom), pick(ROLES, choice)])]
    world.guild.act(who, 'member.roles', { target: whom.ref, roles }, { at })
  },
  /** A node that links to whatever it likes, backwards too. */
  stray({ world, who, whom, at, choice }: Scene) {
    const known = [...world.guild.viewOf(who.node).events.keys()]
    const links = [0, 7, 31].slice(choice % 3).map((offset) => pick(known, choice + offset))
    const options = { at, authEvents: [...new Set(links)] }
    const target = whom.ref
    switch (choice % 5) {
      case 0:
        return world.guild.act(who, 'member.kick', { target }, options)
      case 1:
        return world.guild.act(who, 'member.ban', { target }, options)
      case 2:
        return world.guild.act(who, 'member.unban', { target }, options)
      case 3:
        return world.guild.act(who, 'member.roles', { target, roles: rolesFrom(choice) }, options)
      default:
        return world.guild.act(who, 'guild.update', { name: `Stray ${choice}` }, options)
    }
  },
  /** A node that does not say what it has heard since an earlier time: backdated, but in itself without fault. */
  backdated({ world, who, whom, at, choice }: Scene) {
    const heard = lawOf(world, who)
    const back = heard[Math.max(0, heard.length - 1 - (choice % 12))]
    if (!back) return
    const options = { at, authEvents: [back.event_id] }
    if (choice % 2 === 0) world.guild.act(who, 'member.ban', { target: whom.ref }, options)
    else world.guild.act(who, 'member.roles', { target: whom.ref, roles: rolesFrom(choice) }, options)
  },
  keys: ({ world, who, at, choice }: Scene) =>
    world.guild.act(who, 'node.keys', { statement: who.node.statement(1 + (choice % 3)) }, { at }),
}

const ANYTHING = Object.keys(STEPS).filter((kind): kind is Step['kind'] => kind in STEPS)
/** People who throw each other out, take rank from each other and let each other in again. */
const FEUD: readonly Step['kind'][] = [
  'kick',
  'ban',
  'unban',
  'demote',
  'promote',
  'backdated',
  'stray',
  'revoke',
  'role_put',
]
const PEACE: readonly Step['kind'][] = [
  'invite',
  'join',
  'summon',
  'answer',
  'leave',
  'channel_create',
  'guild_update',
  'share',
]

const stepOf = (kind: fc.Arbitrary<Step['kind']>): fc.Arbitrary<Step> =>
  fc.record<Step>({
    kind,
    actor: fc.oneof({ weight: 2, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.nat(6) }),
    target: fc.nat(6),
    choice: fc.nat(10_000),
    // Many equal and backward clocks: they are what an order must not trip over.
    skew: fc.oneof(fc.constant(0), fc.integer({ min: -60_000, max: 60_000 })),
  })

/**
 * Random acts of seven people on two to six nodes that hear of each other now and then. Roles are spread from owner to stranger
 * at the start, so that a fair part of what follows is allowed.
 */
export const history = (maxSteps = 60): fc.Arbitrary<GuildGraph> =>
  played(maxSteps, fc.oneof({ weight: 3, arbitrary: HEARSAY }, { weight: 7, arbitrary: fc.constantFrom(...ANYTHING) }))

/** The same, with most acts being removals that do not know of each other, by nodes that lie about what they have heard. */
export const feud = (maxSteps = 40): fc.Arbitrary<GuildGraph> =>
  played(
    maxSteps,
    fc.oneof(
      { weight: 3, arbitrary: HEARSAY },
      { weight: 6, arbitrary: fc.constantFrom(...FEUD) },
      { weight: 3, arbitrary: fc.constantFrom(...PEACE) },
    ),
  )

const HEARSAY = fc.constantFrom<Step['kind']>('tell', 'tell_one')

const played = (maxSteps: number, kind: fc.Arbitrary<Step['kind']>): fc.Arbitrary<GuildGraph> =>
  fc
    .record({
      nodes: fc.integer({ min: 2, max: 6 }),
      steps: fc.array(stepOf(kind), { maxLength: maxSteps, size: 'max' }),
    })
    .map(({ nodes, steps }) => play(nodes, steps))

/** What fast-check prints when a property fails, in place of the whole graph. */
const printed = (nodes: number, steps: readonly Step[]) => ({
  [fc.toStringMethod]: () => `history on ${nodes} nodes:\n${steps.map((one) => JSON.stringify(one)).join('\n')}`,
})

function play(nodes: number, steps: readonly Step[]): GuildGraph {
  const people = ['ada', 'ben', 'cleo', 'dan', 'eve', 'fay', 'gus'].map((name, index) =>
    person(name, `node-${index % nodes}`),
  )
  const [ada, ben, cleo, dan, eve, fay, gus] = people
  if (!ada || !ben || !cleo || !dan || !eve || !fay || !gus) throw new Error('too few people')
  const guild = guildOf(ada)
    .withMember(ben, { roles: ['admin'] })
    .withMember(cleo, { roles: ['admin'] })
    .withMember(dan, { roles: ['moderator'] })
    .withMember(eve)
    .withMember(fay)
  const world: World = { guild, people, invites: [], channels: [], outside: [gus], banned: [] }
  for (const someone of people) guild.viewOf(someone.node)
  guild.share()
  for (const [index, one] of steps.entries()) {
    const [who, whom] = [pick(people, one.actor), pick(people, one.target)]
    STEPS[one.kind]({ ...one, world, who, whom, at: TEST_EPOCH_MS + 100_000 + index * 5_000 + one.skew })
  }
  return Object.assign(guild, printed(nodes, steps))
}

function pick<Item>(items: readonly Item[], choice: number): Item {
  const item = items[choice % items.length]
  if (item === undefined) throw new Error('nothing to choose from')
  return item
}

const lawOf = ({ guild }: World, who: Person): LawEvent[] =>
  [...guild.viewOf(who.node).events.values()].filter(isLawEvent)

function rolesInViewOf(world: World, who: Person, whom: Person): readonly string[] {
  const law = createLaw(world.guild.guildId)
  for (const event of lawOf(world, who)) law.add(event)
  return law.current().state?.members.get(whom.key)?.roles ?? []
}

const rolesFrom = (choice: number): string[] => ROLES.filter((_, index) => (choice >> index) & 1).slice(0, 2)

/** A random order in which each event comes after all it links to by `auth_events`. */
export function causalOrder(gen: fc.GeneratorValue, events: readonly LawEvent[]): LawEvent[] {
  const waiting = gen(shuffled, events)
  const placed = new Map<EventId, LawEvent>()
  while (waiting.length > 0) {
    const next = waiting.findIndex((event) => event.auth_events.every((id) => placed.has(id)))
    for (const event of waiting.splice(next, 1)) placed.set(event.event_id, event)
  }
  return [...placed.values()]
}

/** Some events, as a frontier whose members may well lie in each other's past. */
export const someOf = (gen: fc.GeneratorValue, ids: readonly EventId[]): EventId[] => gen(fewOf, ids)

const shuffled = (events: readonly LawEvent[]) => fc.shuffledSubarray([...events], { minLength: events.length })
const fewOf = (ids: readonly EventId[]) => fc.subarray([...ids], { minLength: 1, maxLength: Math.min(4, ids.length) })

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { checkGuildEvent } from '../../../node/events/check-guild-event.ts'
import { parseEvent } from '../../../node/events/parse.ts'
import { isLawEvent, positionOf } from '../../../node/events/schema/event.ts'
import { verifySignature } from '../../../node/events/verify.ts'
import { guildOf } from '../../kit/guild-graph.ts'
import { history } from '../../kit/random-history.ts'
import { person, testNode } from '../../kit/test-node.ts'

const alice = person('alice')
const bob = person('bob')

it('what the kit makes are real events: well formed, signed and linked', () => {
  fc.assert(
    fc.property(history(20), (guild) => {
      const signers = new Map(
        Array.from({ length: 6 }, (_, index) => testNode(`node-${index}`)).map((node) => [
          node.serverName,
          node.signer,
        ]),
      )
      for (const event of guild.events) {
        const parsed = parseEvent(guild.textOf(event.event_id))
        const checked = parsed.kind === 'parsed' ? checkGuildEvent(parsed) : parsed
        const signer = signers.get(event.origin_server)
        if (parsed.kind !== 'parsed' || checked.kind !== 'well-formed' || !signer)
          throw new Error(JSON.stringify(checked))
        expect(checked.event).toEqual(event)
        expect(checked.keyId).toBe(signer.keyId)
        expect(verifySignature(signer.publicKey, parsed.hash, checked.signature)).toBe(true)
      }
    }),
    { numRuns: 20 },
  )
})

it('each node has one chain, and clocks that move on', () => {
  fc.assert(
    fc.property(history(), (guild) => {
      const events = new Map(guild.events.map((event) => [event.event_id, event]))
      for (const event of guild.events) {
        const links = event.prev_events.map((id) => events.get(id))
        for (const link of links) expect(link?.origin_ts).toBeLessThan(event.origin_ts)
        const own = links.filter((link) => link?.origin_server === event.origin_server)
        expect(own.map((link) => link && positionOf(link))).toEqual(
          positionOf(event) === 1 ? [] : [positionOf(event) - 1],
        )
        if (positionOf(event) > 1) expect(links[0]).toBe(own[0])
      }
    }),
    { numRuns: 50 },
  )
})

it('the same calls give the same bytes', () => {
  const made = () => {
    const guild = guildOf(alice).withMember(bob).withChannel('general')
    guild.say(bob, guild.channel('general'), 'hello')
    return guild.events
  }

  expect(made()).toEqual(made())
})

it('a node knows what it heard, and all that rests on', () => {
  const guild = guildOf(alice).withMember(bob).withChannel('general')
  const carol = person('carol')
  const first = guild.say(alice, guild.channel('general'), 'one')
  const second = guild.say(alice, guild.channel('general'), 'two')
  const unheard = guild.say(bob, guild.channel('general'), 'three')

  guild.viewOf(carol.node).hearOf(guild.viewOf(alice.node), second.event_id)

  const heard = guild.viewOf(carol.node).events
  expect(heard.has(first.event_id)).toBe(true)
  expect(heard.has(unheard.event_id)).toBe(false)
  expect([...heard.values()].filter(isLawEvent)).toEqual(guild.lawEvents)
  expect(() => guild.viewOf(carol.node).take(guild.say(bob, guild.channel('general'), 'four'))).toThrow('carol lacks')
})

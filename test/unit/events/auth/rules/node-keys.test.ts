import { expect, it } from 'vitest'
import { lawDraft } from '../../../../kit/drafts.ts'
import { answer, member, owner, staffedGuild, stranger } from '../staff.ts'

it('any member of a node carries its key statements, each later than the last', () => {
  const guild = staffedGuild()
  const keys = (sequence: number) =>
    lawDraft(guild, member, 'node.keys', { statement: member.node.statement(sequence) })

  expect(answer(keys(2), guild.state())).toBe('allowed')
  const event = guild.act(member, 'node.keys', keys(2).content)

  expect(guild.state().nodeKeys.get(member.node.serverName)).toEqual({ sequence: 2, keysEvent: event.event_id })
  expect(answer(keys(1), guild.state())).toBe('stale_statement')
  expect(answer(keys(2), guild.state())).toBe('stale_statement')
  expect(answer(keys(3), guild.state())).toBe('allowed')
})

it('nobody speaks for the keys of another node', () => {
  const guild = staffedGuild()
  const act = lawDraft(guild, owner, 'node.keys', { statement: member.node.statement(1) })

  expect(answer(act, guild.state())).toBe('foreign_statement')
})

it('a statement the identity did not sign is not genuine', () => {
  const guild = staffedGuild()
  const statement = { ...member.node.statement(1), sequence: 9 }

  expect(answer(lawDraft(guild, member, 'node.keys', { statement }), guild.state())).toBe('bad_statement')
})

it('a node without members has no say', () => {
  const guild = staffedGuild()
  const act = lawDraft(guild, stranger, 'node.keys', { statement: stranger.node.statement(1) })

  expect(answer(act, guild.state())).toBe('not_a_member')
})

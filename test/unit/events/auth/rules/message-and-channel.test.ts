import { expect, it } from 'vitest'
import { channelIdSchema } from '../../../../../node/base/ids.ts'
import { lawDraft, messageDraft } from '../../../../kit/drafts.ts'
import { answer, member, owner, staffedGuild } from '../staff.ts'

const nowhere = channelIdSchema.parse('00000000-0000-8000-8000-000000000000')

it('a message goes to a channel that exists, not to the guild itself', () => {
  const guild = staffedGuild()
  const state = guild.state()

  expect(answer(messageDraft(guild, member, guild.channel('general')), state)).toBe('allowed')
  expect(answer(messageDraft(guild, member, nowhere), state)).toBe('unknown_channel')
  expect(answer(messageDraft(guild, member, guild.guildId), state)).toBe('unknown_channel')
})

it('nobody posts in the name of another', () => {
  const guild = staffedGuild()
  const act = messageDraft(guild, member, guild.channel('general'))
  const content = { ...act.content, author: { id: owner.userId, username: 'owner' } }

  expect(answer({ ...act, content }, guild.state())).toBe('author_mismatch')
})

it('a deleted channel takes no more messages and is not deleted twice', () => {
  const guild = staffedGuild()
  const general = guild.channel('general')

  guild.act(owner, 'channel.delete', { channel_id: general })

  expect(answer(messageDraft(guild, member, general), guild.state())).toBe('unknown_channel')
  expect(answer(lawDraft(guild, owner, 'channel.delete', { channel_id: general }), guild.state())).toBe(
    'unknown_channel',
  )
  expect(answer(lawDraft(guild, owner, 'channel.update', { channel_id: general, name: 'x' }), guild.state())).toBe(
    'unknown_channel',
  )
})

it('a channel has the id made by its event, its maker and its newest name', () => {
  const guild = staffedGuild()
  const created = guild.act(owner, 'channel.create', { name: 'news' })
  const id = guild.channel('news')

  guild.act(owner, 'channel.update', { channel_id: id, name: 'old news' })

  expect(guild.state().channels.get(id)).toEqual({
    id,
    name: 'old news',
    createdAt: created.origin_ts,
    createdBy: owner.key,
    createEvent: created.event_id,
  })
})

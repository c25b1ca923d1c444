import type { ChannelId } from '../../../base/ids.ts'
import type { GuildState } from '../../state/guild-state.ts'
import { actorOf } from '../act.ts'
import { checkName, checkPermission } from '../checks.ts'
import { createdBy } from '../created-id.ts'
import type { Rule } from '../rule.ts'
import { refuse, type Refusal } from '../verdict.ts'

export const channelCreate: Rule<'channel.create'> = {
  check: (act, state) => checkPermission(act, state, 'manage_channels') ?? checkName(act.content.name),
  apply(event, state) {
    const id = createdBy(event)
    const channel = {
      id,
      name: event.content.name,
      createdAt: event.origin_ts,
      createdBy: actorOf(event),
      createEvent: event.event_id,
    }
    return { ...state, channels: state.channels.with(id, channel) }
  },
}

export const channelUpdate: Rule<'channel.update'> = {
  check: (act, state) =>
    checkPermission(act, state, 'manage_channels') ??
    checkChannelExists(state, act.content.channel_id) ??
    checkName(act.content.name),
  apply(event, state) {
    const { channel_id: id, name } = event.content
    const channel = state.channels.get(id)
    return channel ? { ...state, channels: state.channels.with(id, { ...channel, name }) } : state
  },
}

export const channelDelete: Rule<'channel.delete'> = {
  check: (act, state) =>
    checkPermission(act, state, 'manage_channels') ?? checkChannelExists(state, act.content.channel_id),
  apply: (event, state) => ({ ...state, channels: state.channels.without(event.content.channel_id) }),
}

export function checkChannelExists(state: GuildState, id: ChannelId): Refusal | undefined {
  return state.channels.has(id) ? undefined : refuse('unknown_channel', 'There is no such channel.')
}

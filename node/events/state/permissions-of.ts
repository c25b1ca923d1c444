import type { ChannelId } from '../../base/ids.ts'
import type { GuildState, MemberKey } from './guild-state.ts'

/** The highest position among the member's roles, 0 without roles, -1 for who is no member. */
export declare function rankOf(state: GuildState, key: MemberKey): number

/** Permission bits of the member; 0 for who is no member, and in a channel that does not exist. */
export declare function permissionsOf(state: GuildState, key: MemberKey, channelId?: ChannelId): number

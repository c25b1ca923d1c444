import { MAX_NAME_SCALARS, trimWhiteSpace } from '../../events/schema/text.ts'
import type { Caller } from '../../services/guild-access.ts'
import type { SessionCaller } from '../../services/sessions.ts'

/** The signed-in user as the author of events. A user name has no limit of its own (contract 2.3), a name in an event has. */
export function callerOf({ userId, username }: SessionCaller): Caller {
  if (username.length <= MAX_NAME_SCALARS) return { userId, username }
  return { userId, username: trimWhiteSpace([...username].slice(0, MAX_NAME_SCALARS).join('')) }
}

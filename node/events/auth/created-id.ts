import type { LawEventOf } from '../schema/event.ts'
import { createdIdOf } from '../wire-form.ts'
import { remembered } from '../state/remembered.ts'

/** The id of the channel or invite that the event makes. */
export const createdBy = remembered((event: LawEventOf<'channel.create' | 'invite.create'>) => createdIdOf(event))

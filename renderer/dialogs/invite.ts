import type { CreatedInviteBody, NodeStatusBody, UserBody } from '../../node/api/admin/shapes.ts'
import { area, button, field, form, select } from '../components/controls.ts'
import { type Child, h } from '../components/view.ts'
import type { Actions } from '../state/actions.ts'
import { countOf, fullTime } from '../state/format.ts'
import type { Sending } from '../state/store.ts'
import { actAs } from './act-as.ts'
import { ending, title } from './frame.ts'

const EXPIRIES = [
  { value: '3600', text: '1 hour' },
  { value: '86400', text: '1 day' },
  { value: '604800', text: '7 days', chosen: true },
  { value: '2592000', text: '30 days' },
  { value: '', text: 'Never' },
]

export interface InviteParts {
  status: NodeStatusBody
  users: readonly UserBody[]
  guildId: string | undefined
  sending: Sending
  canAct: boolean
}

export function inviteForm(parts: InviteParts, actions: Pick<Actions, 'invite' | 'close'>): Child {
  const guilds = parts.status.guilds.map((guild) => ({
    value: guild.guild_id,
    text: guild.name,
    chosen: guild.guild_id === parts.guildId,
  }))
  const onSubmit = (read: (name: string) => string) =>
    actions.invite(read('guild'), {
      max_uses: read('uses') === '' ? null : Number(read('uses')),
      expires_in_secs: read('expiry') === '' ? null : Number(read('expiry')),
      as: read('as') === '' ? undefined : read('as'),
    })
  return [
    title('Invite to a guild'),
    form(
      onSubmit,
      select({ name: 'guild', label: 'Guild' }, guilds),
      h(
        'div',
        { class: 'pair' },
        select({ name: 'expiry', label: 'Works for' }, EXPIRIES),
        field({ name: 'uses', label: 'Most joins', type: 'number', min: 1, max: 1_000_000, placeholder: 'Any number' }),
      ),
      actAs(parts.users, 'Invite as'),
      ending({ ...parts, verb: 'Make link', busyVerb: 'Making it…' }, actions),
    ),
  ]
}

/** The link is shown here and never again: it holds the secret. */
export function madeInvite(made: CreatedInviteBody, actions: Pick<Actions, 'copy' | 'close'>): Child {
  const until = made.expires_at === undefined ? 'It does not expire' : `It works until ${fullTime(made.expires_at)}`
  const uses = made.max_uses === undefined ? 'any number of times' : `for ${countOf(made.max_uses, 'join')}`
  return [
    title('Invite link'),
    h('p', {}, `Send it to whom you want to have in. ${until}, ${uses}. It is shown only now.`),
    area({ name: 'link', label: 'Link', readonly: true, rows: 5, class: 'code', onfocus: selectAll, text: made.link }),
    h(
      'div',
      { class: 'row end' },
      button('Done', { onClick: actions.close }),
      button('Copy link', { look: 'primary', onClick: () => actions.copy(made.link, 'Link') }),
    ),
  ]
}

function selectAll({ currentTarget }: Event): void {
  if (currentTarget instanceof HTMLTextAreaElement) currentTarget.select()
}

import type { NodeStatusBody, UserBody } from '../../node/api/admin/shapes.ts'
import { area, field, form } from '../components/controls.ts'
import { type Child, h } from '../components/view.ts'
import type { Actions } from '../state/actions.ts'
import { nodeName } from '../state/health.ts'
import type { Sending } from '../state/store.ts'
import { actAs } from './act-as.ts'
import { ending, title } from './frame.ts'

interface FormParts {
  sending: Sending
  canAct: boolean
}

export function joinForm(
  parts: FormParts & { users: readonly UserBody[] },
  actions: Pick<Actions, 'join' | 'close'>,
): Child {
  const { users } = parts
  return [
    title('Join a guild'),
    users.length === 0 &&
      h('p', { class: 'notice warn' }, 'This node has no account yet, so nobody could join. Add one first.'),
    form(
      (read) => actions.join({ link: read('link').trim(), as: read('as') === '' ? undefined : read('as') }),
      area({
        name: 'link',
        label: 'Invite link',
        rows: 5,
        class: 'code',
        required: true,
        autofocus: true,
        placeholder: 'openguild://join/…',
        spellcheck: 'false',
      }),
      actAs(users, 'Join as'),
      ending({ ...parts, verb: 'Join', busyVerb: 'Joining…' }, actions),
    ),
  ]
}

export function addPeerForm(parts: FormParts, actions: Pick<Actions, 'addPeer' | 'close'>): Child {
  return [
    title('Add a peer'),
    form(
      (read) => actions.addPeer(read('address').trim()),
      field({
        name: 'address',
        label: 'Address',
        hint: 'The other node shows it as “Reachable at”; it ends in /p2p/ and its peer id.',
        required: true,
        autofocus: true,
        class: 'code',
        placeholder: '/ip4/192.168.1.20/tcp/4001/p2p/12D3Koo…',
        autocomplete: 'off',
        spellcheck: 'false',
      }),
      ending({ ...parts, verb: 'Add peer', busyVerb: 'Adding…' }, actions),
    ),
  ]
}

export function addUserForm(
  parts: FormParts & { users: readonly UserBody[] },
  actions: Pick<Actions, 'addUser' | 'close'>,
): Child {
  return [
    title('Add an account'),
    parts.users.length === 0 && h('p', { class: 'soft' }, 'The first account owns this node.'),
    form(
      (read) => actions.addUser({ username: read('username'), password: read('password') }),
      field({
        name: 'username',
        label: 'Username',
        required: true,
        autofocus: true,
        autocomplete: 'off',
        spellcheck: 'false',
      }),
      field({ name: 'password', label: 'Password', type: 'password', required: true, autocomplete: 'new-password' }),
      ending({ ...parts, verb: 'Add account', busyVerb: 'Adding…' }, actions),
    ),
  ]
}

export type PeerDialogParts = FormParts & { peerId: string; status: NodeStatusBody }

export function blockForm(parts: PeerDialogParts, actions: Pick<Actions, 'block' | 'close'>): Child {
  const name = nodeName(parts.peerId, parts.status)
  return [
    title(`Block ${name}?`),
    h('p', { class: 'peer-id' }, h('code', {}, parts.peerId)),
    h(
      'p',
      {},
      'The connection is cut at once and nothing is taken from it any more. What it wrote so far stays in your guilds. You can unblock it later.',
    ),
    form(
      () => actions.block(parts.peerId),
      ending({ ...parts, verb: 'Block', busyVerb: 'Blocking…', look: 'danger' }, actions),
    ),
  ]
}

export function forgetForm(parts: PeerDialogParts, actions: Pick<Actions, 'forget' | 'close'>): Child {
  const name = nodeName(parts.peerId, parts.status)
  return [
    title(`Forget ${name}?`),
    h('p', { class: 'peer-id' }, h('code', {}, parts.peerId)),
    h(
      'p',
      {},
      'Its addresses are removed and cannot be brought back from here. If you share a guild, it comes back as soon as either node finds the other.',
    ),
    form(
      () => actions.forget(parts.peerId),
      ending({ ...parts, verb: 'Forget', busyVerb: 'Forgetting…', look: 'danger' }, actions),
    ),
  ]
}

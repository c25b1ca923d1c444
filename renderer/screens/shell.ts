import { button } from '../components/controls.ts'
import { type Child, h, type View } from '../components/view.ts'
import type { Actions } from '../state/actions.ts'
import { clockTime } from '../state/format.ts'
import type { Finding } from '../state/health.ts'
import { SCREENS, type Contact, type Screen } from '../state/store.ts'

const TITLES: Readonly<Record<Screen, string>> = {
  overview: 'Overview',
  guilds: 'Guilds',
  peers: 'Peers',
  people: 'People',
}

export interface ShellParts {
  nodeName: string
  screen: Screen
  contact: Contact
  /** How many there are, where that is known. */
  counts: Readonly<Partial<Record<Screen, number | undefined>>>
  alarms: readonly Finding[]
  content: Child
}

/** What stands around every screen. */
export function shell(parts: ShellParts, actions: Pick<Actions, 'lock'>): View {
  return h(
    'div',
    { class: 'shell', key: 'shell' },
    h('a', { class: 'skip', href: '#main', onclick: skipToContent }, 'Skip to the content'),
    h(
      'header',
      { class: 'bar' },
      h(
        'div',
        { class: 'brand' },
        h('img', { src: 'mark.svg', alt: '', width: 28, height: 28 }),
        h('span', { class: 'brand-product' }, 'OpenGuild'),
        h('span', { class: 'brand-name' }, parts.nodeName),
      ),
      navigation(parts),
      h('div', { class: 'bar-end' }, liveness(parts.contact), button('Lock', { look: 'quiet', onClick: actions.lock })),
    ),
    // These two are always there, so that screen readers hear when they begin to say something.
    h('div', { role: 'status', class: 'notice-place' }, lostNotice(parts.contact)),
    h(
      'div',
      { role: 'alert', class: 'notice-place' },
      parts.alarms.map(({ text, advice }) =>
        h('p', { class: 'notice bad', key: text }, h('strong', {}, text), ' ', advice),
      ),
    ),
    h('main', { id: 'main', tabindex: -1, class: 'content', key: parts.screen }, parts.content),
  )
}

function navigation({ screen, counts }: ShellParts): View {
  const link = (target: Screen) =>
    h(
      'a',
      { href: `#${target}`, 'aria-current': target === screen ? 'page' : undefined, key: target },
      TITLES[target],
      counts[target] !== undefined && h('span', { class: 'tally' }, counts[target]),
    )
  return h('nav', { 'aria-label': 'Sections' }, SCREENS.map(link))
}

const liveness = (contact: Contact): View =>
  contact.kind === 'live'
    ? h('span', { class: 'liveness good' }, 'Live')
    : h('span', { class: 'liveness bad' }, 'Not reachable')

const lostNotice = (contact: Contact): Child =>
  contact.kind === 'lost' &&
  h(
    'p',
    { class: 'notice warn' },
    h('strong', {}, 'The node does not answer.'),
    ` ${contact.reason} What you see is from ${clockTime(contact.heardAt)}; the page asks again every second.`,
  )

/** The hash of the address names the screen, so this link may not change it. */
function skipToContent(event: Event): void {
  event.preventDefault()
  document.querySelector<HTMLElement>('#main')?.focus()
}

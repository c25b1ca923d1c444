import type { Tone } from '../state/health.ts'
import type { Actions } from '../state/actions.ts'
import { type Child, h, type Props, type View } from './view.ts'

type Look = 'primary' | 'tinted' | 'plain' | 'danger' | 'quiet'

interface ButtonOptions {
  look?: Look
  onClick?: () => unknown
  disabled?: boolean
  submit?: boolean
  /** For screen readers, where the text alone does not say what it acts on. */
  label?: string
}

export function button(text: Child, options: ButtonOptions = {}): View {
  const { look = 'plain', onClick, disabled = false, submit = false, label } = options
  const props = { class: `button ${look}`, type: submit ? 'submit' : 'button', disabled, 'aria-label': label }
  return h('button', { ...props, onclick: onClick && (() => void onClick()) }, text)
}

/** A coloured word; the colour never says anything the word does not. */
export const pill = (tone: Tone | 'quiet', text: string): View => h('span', { class: `pill ${tone}` }, text)

/** An id or hash: the short form in sight, all of it on hover and by the button. */
export function copyable(actions: Pick<Actions, 'copy'>, item: { what: string; text: string; short?: string }): View {
  const { what, text, short = text } = item
  return h(
    'span',
    { class: 'copyable' },
    h('code', { title: text }, short),
    h('button', {
      class: 'icon copy',
      type: 'button',
      'aria-label': `Copy ${what}`,
      title: `Copy ${what}`,
      onclick: () => void actions.copy(text, what),
    }),
  )
}

/** Names and values; a value may be any view. */
export const facts = (rows: readonly (readonly [name: string, value: Child])[], className = 'facts'): View =>
  h(
    'dl',
    { class: className },
    rows.map(([name, value]) => h('div', { key: name }, h('dt', {}, name), h('dd', {}, value))),
  )

export function empty(title: string, text: Child, ...actions: readonly Child[]): View {
  return h('div', { class: 'empty' }, h('h2', {}, title), h('p', {}, text), h('div', { class: 'row' }, actions))
}

interface FieldOptions extends Props {
  /** Also the id of the control. */
  name: string
  label: string
  hint?: string
}

export const field = ({ label, hint, ...props }: FieldOptions): View =>
  labelled({ label, hint, control: 'input', props })

/** `text` is what it holds at first. */
export const area = ({ label, hint, text, ...props }: FieldOptions & { text?: string }): View =>
  labelled({ label, hint, control: 'textarea', props, children: text === undefined ? [] : [text] })

export function select(
  { label, hint, ...props }: FieldOptions,
  options: readonly { value: string; text: string; chosen?: boolean }[],
): View {
  const children = options.map(({ value, text, chosen }) => h('option', { value, selected: chosen }, text))
  return labelled({ label, hint, control: 'select', props, children })
}

interface Labelled {
  label: string
  hint: string | undefined
  control: 'input' | 'textarea' | 'select'
  props: Props
  children?: (View | string)[]
}

function labelled({ label, hint, control, props, children = [] }: Labelled): View {
  const id = `field-${String(props['name'])}`
  const hintId = hint === undefined ? undefined : `${id}-hint`
  return h(
    'div',
    { class: 'field' },
    h('label', { for: id }, label),
    h(control, { id, 'aria-describedby': hintId, ...props }, children),
    hint !== undefined && h('p', { class: 'hint', id: hintId }, hint),
  )
}

/** Submits by Enter too; the page never leaves. Hands over what was typed by field name. */
export function form(onSubmit: (read: (name: string) => string) => unknown, ...children: readonly Child[]): View {
  const onsubmit = (event: Event) => {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    const values = new FormData(event.currentTarget)
    onSubmit((name) => textOf(values.get(name)))
  }
  return h('form', { onsubmit }, children)
}

const textOf = (value: FormDataEntryValue | null): string => (typeof value === 'string' ? value : '')

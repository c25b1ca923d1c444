/** Handlers are set as properties (`onclick`), everything else as an attribute; `undefined` and `false` leave it out. */
export type Prop = string | number | boolean | undefined | ((event: Event) => unknown)
export type Props = Readonly<Record<string, Prop>>

/** One element as it should look. Siblings with a `key` keep their identity (focus, scroll, open details) when they move. */
export interface View {
  readonly tag: string
  readonly key: string | undefined
  readonly props: Props
  readonly children: readonly (View | string)[]
}

export type Child = View | string | number | undefined | false | readonly Child[]

export function h(tag: string, props: Props = {}, ...children: readonly Child[]): View {
  const { key, ...rest } = props
  return { tag, key: key === undefined ? undefined : String(key), props: rest, children: children.flatMap(flatten) }
}

function flatten(child: Child): (View | string)[] {
  if (child === undefined || child === false) return []
  if (typeof child === 'string') return child === '' ? [] : [child]
  if (typeof child === 'number') return [String(child)]
  return isView(child) ? [child] : child.flatMap(flatten)
}

const isView = (child: View | readonly Child[]): child is View => 'tag' in child

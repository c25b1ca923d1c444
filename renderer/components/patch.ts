import type { Props, View } from './view.ts'

/** What each element was last made to look like. */
const shown = new WeakMap<Node, View>()

/**
 * Makes the children of `parent` look like `views`, keeping every element that can stay: what a person typed, focused,
 * selected or opened survives, and live regions speak only when their text has changed.
 */
export function patchChildren(parent: Element, views: readonly (View | string)[]): void {
  const take = createStock(parent)
  let place = parent.firstChild
  for (const view of views) {
    const node = take(view) ?? create(view)
    update(node, view)
    if (node === place) place = place.nextSibling
    else parent.insertBefore(node, place)
  }
  while (place !== null) {
    const next = place.nextSibling
    place.remove()
    place = next
  }
}

/** Hands out the present children, each once, to the views they fit. */
function createStock(parent: Element): (view: View | string) => ChildNode | undefined {
  const stock = new Set(parent.childNodes)
  return (view) => {
    for (const node of stock) {
      if (!fits(node, view)) continue
      stock.delete(node)
      return node
    }
    return undefined
  }
}

function fits(node: Node, view: View | string): boolean {
  if (typeof view === 'string') return node instanceof Text
  const before = shown.get(node)
  return before !== undefined && before.tag === view.tag && before.key === view.key
}

const create = (view: View | string): ChildNode =>
  typeof view === 'string' ? document.createTextNode(view) : document.createElement(view.tag)

function update(node: ChildNode, view: View | string): void {
  if (typeof view === 'string') {
    if (node.nodeValue !== view) node.nodeValue = view
    return
  }
  if (!(node instanceof Element)) return
  setProps(node, shown.get(node)?.props ?? {}, view.props)
  shown.set(node, view)
  patchChildren(node, view.children)
}

function setProps(element: Element, before: Props, after: Props): void {
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const value = after[name]
    if (value === before[name]) continue
    if (name.startsWith('on')) Reflect.set(element, name, value ?? null)
    else if (value === undefined || value === false) element.removeAttribute(name)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
}

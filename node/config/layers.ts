/** Values of one source, as a tree of plain tables, and what its owner calls the place of a value. */
export interface Layer {
  tree: Table
  sourceOf(path: readonly string[]): string
}

/** Made without a prototype, so that a key named `__proto__` is just an unknown key. */
export interface Table {
  [name: string]: unknown
}

export const emptyTable = (): Table => Object.create(null) as Table

export function isTable(value: unknown): value is Table {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

export interface Merged {
  tree: Table
  /** Name of the source that gave the value at this path; undefined for a default. */
  sourceOf(path: readonly string[]): string | undefined
  /** Place of that source among all, the weakest first; -1 for a default. */
  strengthOf(path: readonly string[]): number
}

/**
 * Lays the later layers over the earlier ones. Tables merge key by key, everything else (lists too) is replaced as a
 * whole; a value of null counts as not given.
 */
export function mergeLayers(layers: readonly Layer[]): Merged {
  const tree = emptyTable()
  const owners = new Map<string, Layer>()
  for (const layer of layers) {
    for (const path of overlay(tree, layer.tree)) owners.set(keyOf(path), layer)
  }
  return {
    tree,
    sourceOf: (path) => ownerOf(path, owners)?.sourceOf(path),
    strengthOf(path) {
      const owner = ownerOf(path, owners)
      return owner === undefined ? -1 : layers.indexOf(owner)
    },
  }
}

/** Gives the path of everything it laid down. */
function* overlay(target: Table, from: Table, path: readonly string[] = []): Generator<readonly string[]> {
  for (const [name, value] of Object.entries(from)) {
    const here = [...path, name]
    if (value === null || value === undefined) continue
    yield here
    if (!isTable(value)) {
      target[name] = value
      continue
    }
    const existing = target[name]
    const table = isTable(existing) ? existing : emptyTable()
    target[name] = table
    yield* overlay(table, value, here)
  }
}

/** A problem deep inside a list belongs to whoever gave the list. */
function ownerOf(path: readonly string[], owners: ReadonlyMap<string, Layer>): Layer | undefined {
  for (let length = path.length; length > 0; length--) {
    const owner = owners.get(keyOf(path.slice(0, length)))
    if (owner) return owner
  }
  return undefined
}

const keyOf = (path: readonly string[]): string => path.join('\0')

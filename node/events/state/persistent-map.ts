const BITS = 5
const WIDTH = 1 << BITS
/** A leaf with more entries becomes a branch, while the hash has bits left to tell them apart. */
const LEAF_ENTRIES = 8
const HASH_BITS = 32

type Leaf<Key, Value> = ReadonlyMap<Key, Value>
type Branch<Key, Value> = readonly (Trie<Key, Value> | undefined)[]
type Trie<Key, Value> = Leaf<Key, Value> | Branch<Key, Value>

/**
 * An immutable map from strings: `with` and `without` give a new one that shares all but a few small nodes of the old one, so a
 * guild that grows to thousands of members or channels does not copy them for each that comes. No defined order.
 *
 * A class, because it implements an interface of the language whose look-ups must stay cheap. Inside, a trie over the hash of
 * the key.
 */
export class PersistentMap<Key extends string, Value> implements ReadonlyMap<Key, Value> {
  readonly size: number
  readonly #trie: Trie<Key, Value>

  private constructor(trie: Trie<Key, Value>, size: number) {
    this.#trie = trie
    this.size = size
  }

  static of<Key extends string, Value>(entries: Iterable<readonly [Key, Value]> = []): PersistentMap<Key, Value> {
    let map = new PersistentMap<Key, Value>(new Map<Key, Value>(), 0)
    for (const [key, value] of entries) map = map.with(key, value)
    return map
  }

  get(key: Key): Value | undefined {
    return this.#leafOf(key)?.get(key)
  }

  has(key: Key): boolean {
    return this.#leafOf(key)?.has(key) ?? false
  }

  with(key: Key, value: Value): PersistentMap<Key, Value> {
    const grown = this.has(key) ? 0 : 1
    return new PersistentMap(put(this.#trie, { key, value, hash: hashOf(key), shift: 0 }), this.size + grown)
  }

  /** Itself when it has no such key. */
  without(key: Key): PersistentMap<Key, Value> {
    if (!this.has(key)) return this
    return new PersistentMap(drop(this.#trie, { key, hash: hashOf(key), shift: 0 }), this.size - 1)
  }

  /** Every value replaced; itself when `change` gives each value back as it was. */
  mapped(change: (value: Value) => Value): PersistentMap<Key, Value> {
    return [...this].reduce<PersistentMap<Key, Value>>((map, [key, value]) => {
      const changed = change(value)
      return changed === value ? map : map.with(key, changed)
    }, this)
  }

  *entries(): MapIterator<[Key, Value]> {
    yield* entriesOf(this.#trie)
  }

  *keys(): MapIterator<Key> {
    for (const [key] of this) yield key
  }

  *values(): MapIterator<Value> {
    for (const [, value] of this) yield value
  }

  [Symbol.iterator](): MapIterator<[Key, Value]> {
    return this.entries()
  }

  forEach(visit: (value: Value, key: Key, map: ReadonlyMap<Key, Value>) => void): void {
    for (const [key, value] of this) visit(value, key, this)
  }

  #leafOf(key: Key): Leaf<Key, Value> | undefined {
    let trie: Trie<Key, Value> | undefined = this.#trie
    for (let hash = hashOf(key); isBranch(trie); hash >>>= BITS) trie = trie[hash & (WIDTH - 1)]
    return trie
  }
}

interface Position<Key> {
  readonly key: Key
  readonly hash: number
  /** Bits of the hash that were used up on the way down. */
  readonly shift: number
}

const isBranch = <Key, Value>(trie: Trie<Key, Value> | undefined): trie is Branch<Key, Value> => Array.isArray(trie)

const slotOf = ({ hash, shift }: Position<unknown>): number => (hash >>> shift) & (WIDTH - 1)

function put<Key extends string, Value>(
  trie: Trie<Key, Value> | undefined,
  entry: Position<Key> & { readonly value: Value },
): Trie<Key, Value> {
  if (!isBranch(trie)) return split(new Map(trie).set(entry.key, entry.value), entry.shift)
  const slot = slotOf(entry)
  return trie.with(slot, put(trie[slot], { ...entry, shift: entry.shift + BITS }))
}

function split<Key extends string, Value>(leaf: Leaf<Key, Value>, shift: number): Trie<Key, Value> {
  if (leaf.size <= LEAF_ENTRIES || shift >= HASH_BITS) return leaf
  const empty: Trie<Key, Value> = Array.from<Trie<Key, Value> | undefined>({ length: WIDTH })
  return [...leaf].reduce<Trie<Key, Value>>(
    (branch, [key, value]) => put(branch, { key, value, hash: hashOf(key), shift }),
    empty,
  )
}

function drop<Key extends string, Value>(trie: Trie<Key, Value> | undefined, place: Position<Key>): Trie<Key, Value> {
  if (!isBranch(trie)) {
    const leaf = new Map(trie)
    leaf.delete(place.key)
    return leaf
  }
  const slot = slotOf(place)
  return trie.with(slot, drop(trie[slot], { ...place, shift: place.shift + BITS }))
}

function* entriesOf<Key, Value>(trie: Trie<Key, Value>): MapIterator<[Key, Value]> {
  if (!isBranch(trie)) return yield* trie
  for (const child of trie) if (child) yield* entriesOf(child)
}

/** FNV-1a. Keys chosen to share their hash only make their leaf as slow as copying a plain map. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  // The low bits of FNV mix poorly.
  return (hash ^ (hash >>> 15)) >>> 0
}

const BUCKETS = 64

type Bucket<Key, Value> = ReadonlyMap<Key, Value>

/**
 * An immutable map from strings: `with` and `without` give a new one and copy only the bucket they touch, so a guild that
 * grows to thousands of members does not copy all of them for each that joins. No defined order.
 *
 * A class, because it implements an interface of the language whose look-ups must stay cheap.
 */
export class PersistentMap<Key extends string, Value> implements ReadonlyMap<Key, Value> {
  readonly size: number
  readonly #buckets: readonly (Bucket<Key, Value> | undefined)[]

  private constructor(buckets: readonly (Bucket<Key, Value> | undefined)[], size: number) {
    this.#buckets = buckets
    this.size = size
  }

  static of<Key extends string, Value>(entries: Iterable<readonly [Key, Value]> = []): PersistentMap<Key, Value> {
    const buckets = Array.from<Map<Key, Value> | undefined>({ length: BUCKETS })
    let size = 0
    for (const [key, value] of entries) {
      const bucket = (buckets[bucketOf(key)] ??= new Map<Key, Value>())
      if (!bucket.has(key)) size += 1
      bucket.set(key, value)
    }
    return new PersistentMap(buckets, size)
  }

  get(key: Key): Value | undefined {
    return this.#buckets[bucketOf(key)]?.get(key)
  }

  has(key: Key): boolean {
    return this.#buckets[bucketOf(key)]?.has(key) ?? false
  }

  with(key: Key, value: Value): PersistentMap<Key, Value> {
    const index = bucketOf(key)
    const bucket = new Map(this.#buckets[index]).set(key, value)
    const grown = this.has(key) ? 0 : 1
    return new PersistentMap(this.#buckets.with(index, bucket), this.size + grown)
  }

  /** Itself when it has no such key. */
  without(key: Key): PersistentMap<Key, Value> {
    if (!this.has(key)) return this
    const index = bucketOf(key)
    const bucket = new Map(this.#buckets[index])
    bucket.delete(key)
    return new PersistentMap(this.#buckets.with(index, bucket), this.size - 1)
  }

  /** Every value replaced; itself when `change` gives each value back as it was. */
  mapped(change: (value: Value) => Value): PersistentMap<Key, Value> {
    return [...this].reduce<PersistentMap<Key, Value>>((map, [key, value]) => {
      const changed = change(value)
      return changed === value ? map : map.with(key, changed)
    }, this)
  }

  *entries(): MapIterator<[Key, Value]> {
    for (const bucket of this.#buckets) if (bucket) yield* bucket
  }

  *keys(): MapIterator<Key> {
    for (const bucket of this.#buckets) if (bucket) yield* bucket.keys()
  }

  *values(): MapIterator<Value> {
    for (const bucket of this.#buckets) if (bucket) yield* bucket.values()
  }

  [Symbol.iterator](): MapIterator<[Key, Value]> {
    return this.entries()
  }

  forEach(visit: (value: Value, key: Key, map: ReadonlyMap<Key, Value>) => void): void {
    for (const [key, value] of this) visit(value, key, this)
  }
}

/** FNV-1a. Keys chosen to fall into one bucket only make it as slow as copying a plain map. */
function bucketOf(key: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  // The low bits of FNV mix poorly.
  return (hash ^ (hash >>> 15)) & (BUCKETS - 1)
}

/** A memo of bounded size: what was not asked for longest leaves first. */
export interface Recent<Key, Value> {
  get(key: Key): Value | undefined
  set(key: Key, value: Value): void
}

export function createRecent<Key, Value extends object>(capacity: number): Recent<Key, Value> {
  const values = new Map<Key, Value>()

  function get(key: Key): Value | undefined {
    const value = values.get(key)
    if (value) set(key, value)
    return value
  }

  function set(key: Key, value: Value): void {
    values.delete(key) // a Map keeps the order of first insertion
    values.set(key, value)
    const oldest = values.size > capacity ? values.keys().next() : undefined
    if (oldest && !oldest.done) values.delete(oldest.value)
  }

  return { get, set }
}

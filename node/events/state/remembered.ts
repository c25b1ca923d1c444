/**
 * `compute`, run once for each object it is asked about. For pure functions of immutable objects: replays ask for the same
 * signatures and hashes of the same events again and again. The memory goes when the object goes.
 */
export function remembered<Subject extends object, Result>(
  compute: (subject: Subject) => Result,
): (subject: Subject) => Result {
  const results = new WeakMap<Subject, { readonly result: Result }>()
  return (subject) => {
    const known = results.get(subject)
    if (known) return known.result
    const result = compute(subject)
    results.set(subject, { result })
    return result
  }
}

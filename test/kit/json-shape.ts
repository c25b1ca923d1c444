const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const KINDS: readonly [RegExp, string][] = [
  [UUID, 'uuid'],
  [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/, 'time'],
  [/^\$[1-9A-HJ-NP-Za-km-z]{32,44}$/, 'event id'],
  [/^12D3Koo[1-9A-HJ-NP-Za-km-z]{45}$/, 'peer id'],
  [/^[0-9a-f]{64}$/, 'hash'],
  [/^openguild:\/\/join\//, 'invite link'],
  [/^ed25519:[A-Za-z0-9_-]{43}$/, 'signature name'],
]

/** In a sample: further members may follow that it leaves out. */
const AND_MORE = '…'

/**
 * What a JSON value looks like, without what differs from run to run: members by name, texts by what they are. A list is the
 * shape of its first item, since all are alike.
 */
export function shapeOf(value: unknown): unknown {
  if (typeof value === 'string') return kindOf(value)
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf)
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [nameOf(name), shapeOf(member)]))
}

/** The same of an answer, as far as the sample shows it. */
export function shapeAsShown(value: unknown, sample: unknown): unknown {
  if (!isTable(sample) || !isTable(value)) return shapeOf(value)
  const isOpen = AND_MORE in sample
  const shown = Object.entries(value).filter(([name]) => !isOpen || name in sample)
  return {
    ...Object.fromEntries(shown.map(([name, member]) => [nameOf(name), shapeAsShown(member, sample[name])])),
    ...(isOpen && { [AND_MORE]: shapeOf(sample[AND_MORE]) }),
  }
}

export const kindOf = (text: string): string => KINDS.find(([pattern]) => pattern.test(text))?.[1] ?? 'text'

/** Some members are named after nodes and keys. */
function nameOf(name: string): string {
  const kind = kindOf(name)
  return kind === 'text' ? name : `<${kind}>`
}

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

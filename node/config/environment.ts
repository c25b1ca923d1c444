import { CONFIG_KEYS, ENV_PREFIX, findKey } from './keys.ts'
import { emptyTable, isTable, type Layer, type Table } from './layers.ts'
import type { ConfigProblem } from './problems.ts'
import { ownerPath, place, readText } from './text-values.ts'

/** Names by dotted path, the numbers of lists as their owner wrote them. */
type VariableNames = ReadonlyMap<string, string>

/**
 * `OPENGUILD_SERVER__A__B` in any letter case. A list is numbered (`…__0`, `…__1`, taken in the order of the numbers)
 * and replaces the list of weaker sources. An empty value counts as not given.
 */
export function environmentLayer(env: NodeJS.ProcessEnv): { layer: Layer; problems: ConfigProblem[] } {
  const tree = emptyTable()
  const names = new Map<string, string>()
  const problems: ConfigProblem[] = []
  for (const { name, steps, value } of variablesOf(env)) {
    const path = steps.join('.')
    if (place(tree, steps, readText(value, findKey(steps)))) names.set(path, name)
    else problems.push({ path, source: name, message: `is set twice; keep one of it and ${rivalOf(path, names)}` })
  }
  const numbers = numberedToLists(tree)
  return { layer: { tree, sourceOf: (path) => variableOf(path, numbers, names) }, problems }
}

function variablesOf(env: NodeJS.ProcessEnv): { name: string; steps: string[]; value: string }[] {
  return Object.entries(env)
    .map(([name, value = '']) => ({ name, steps: name.slice(ENV_PREFIX.length).toLowerCase().split('__'), value }))
    .filter(({ name, value }) => name.toUpperCase().startsWith(ENV_PREFIX) && value !== '')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** The variable for the same key in other letters, for a table around it or for something inside it. */
function rivalOf(path: string, names: VariableNames): string {
  const rival = [...names].find(([other]) => `${path}.`.startsWith(`${other}.`) || other.startsWith(`${path}.`))
  return rival?.[1] ?? 'the other'
}

/** Lists are known by the schema, so numbers elsewhere stay tables and are reported as unknown keys. */
function numberedToLists(tree: Table): ReadonlyMap<string, readonly string[]> {
  const numbers = new Map<string, string[]>()
  for (const { path } of CONFIG_KEYS.filter(({ kind }) => kind === 'list')) {
    const steps = path.split('.')
    const name = steps.at(-1) ?? ''
    const parent = steps.slice(0, -1).reduce<unknown>((at, step) => (isTable(at) ? at[step] : undefined), tree)
    const items = isTable(parent) ? parent[name] : undefined
    if (!isTable(parent) || !isTable(items) || !Object.keys(items).every((step) => /^\d{1,6}$/.test(step))) continue
    const order = Object.keys(items).sort((a, b) => Number(a) - Number(b))
    parent[name] = order.map((step) => items[step])
    numbers.set(path, order)
  }
  return numbers
}

/** From a place in a list back to the number its owner wrote. */
function variableOf(
  path: readonly string[],
  numbers: ReadonlyMap<string, readonly string[]>,
  names: VariableNames,
): string {
  const list = ownerPath(path)
  const depth = list.split('.').length
  const written = numbers.get(list)?.[Number(path[depth])]
  const steps = written === undefined ? path : [...path.slice(0, depth), written, ...path.slice(depth + 1)]
  const inside = numbers.has(list) && written === undefined ? '__…' : ''
  return names.get(steps.join('.')) ?? `${ENV_PREFIX}${steps.join('__').toUpperCase()}${inside}`
}

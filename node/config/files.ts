import { parse as parseToml } from 'smol-toml'
import { parse as parseYaml } from 'yaml'
import { messageOf } from '../base/errors.ts'
import { isTable, type Layer } from './layers.ts'
import type { ConfigProblem } from './problems.ts'

const PARSERS: Readonly<Record<string, (text: string) => unknown>> = {
  toml: (text) => parseToml(text),
  yaml: (text) => parseYaml(text),
  yml: (text) => parseYaml(text),
  json: (text) => JSON.parse(text),
}

/** The original reads these too; here they are pointed out rather than passed over. */
const FOREIGN_EXTENSIONS = ['ini', 'ron', 'json5']

export type FileStem = 'server' | 'server.local'

/** Which of the files in the configuration directory is read for a stem, and what is wrong with the others. */
export function chooseFile(stem: FileStem, names: readonly string[]): { name?: string; problems: ConfigProblem[] } {
  const candidates = Object.keys(PARSERS)
    .map((extension) => `${stem}.${extension}`)
    .filter((name) => names.includes(name))
  const [name, ...others] = candidates
  const problems = others.map((other) => ({
    path: other,
    source: other,
    message: `would be read beside ${name}; keep one of the two`,
  }))
  for (const foreign of FOREIGN_EXTENSIONS.map((extension) => `${stem}.${extension}`)) {
    if (!names.includes(foreign)) continue
    problems.push({
      path: foreign,
      source: foreign,
      message: `cannot be read; write it as ${stem}.toml, .yaml or .json`,
    })
  }
  return name === undefined ? { problems } : { name, problems }
}

/** `label` is how messages call the file. */
export function fileLayer(label: string, content: string): { layer: Layer } | { problem: ConfigProblem } {
  const parse = PARSERS[label.split('.').at(-1) ?? '']
  try {
    const tree = parse?.(content) ?? {}
    if (isTable(tree)) return { layer: { tree, sourceOf: () => label } }
    return { problem: { path: label, source: label, message: 'must hold keys and values' } }
  } catch (thrown) {
    return { problem: { path: label, source: label, message: `cannot be read: ${messageOf(thrown).trim()}` } }
  }
}

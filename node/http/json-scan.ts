export interface JsonScan {
  /** Deepest nesting of brackets. */
  depth: number
  /** Dotted paths of fields given twice, in the outer object and in objects directly inside it. */
  repeated: string[]
}

/** Deeper objects are nobody's declared fields: a repeated key there is allowed and the last one wins (contract 5.1). */
const NAMED_DEPTH = 2

const QUOTE = 0x22
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** One pass over text that `JSON.parse` took, for the two things it does not tell. */
export function scanJson(text: string): JsonScan {
  const scan: JsonScan = { depth: 0, repeated: [] }
  const names = createNames(scan.repeated)
  let depth = 0
  for (let index = 0; index < text.length; index += 1) {
    switch (text.charCodeAt(index)) {
      case QUOTE: {
        const end = endOfString(text, index)
        if (names.isWatching(depth) && isKey(text, end)) names.add(text.slice(index, end), depth)
        index = end - 1
        break
      }
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        depth += 1
        scan.depth = Math.max(scan.depth, depth)
        names.open(depth, text.charCodeAt(index) === OPEN_OBJECT)
        break
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        depth -= 1
        names.close(depth)
        break
    }
  }
  return scan
}

/** Keys seen in the object open at each named depth; nothing is watched inside an array. */
function createNames(repeated: string[]) {
  const seen: (Set<string> | undefined)[] = []
  let outer = ''
  return {
    isWatching: (depth: number) => depth <= NAMED_DEPTH && seen[depth] !== undefined,
    open(depth: number, isObject: boolean) {
      if (depth > NAMED_DEPTH) return
      const isInside = depth === 1 || seen[depth - 1] !== undefined
      seen[depth] = isObject && isInside ? new Set() : undefined
    },
    close(depth: number) {
      if (depth < NAMED_DEPTH) seen[depth + 1] = undefined
    },
    add(token: string, depth: number) {
      const key = token.includes('\\') ? String(JSON.parse(token)) : token.slice(1, -1)
      if (depth === 1) outer = key
      const keys = seen[depth]
      if (keys?.has(key)) repeated.push(depth === 1 ? key : `${outer}.${key}`)
      keys?.add(key)
    },
  }
}

/** Index after the closing quote of the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end + 1
}

function isEscaped(text: string, index: number): boolean {
  let backslashes = 0
  while (text[index - 1 - backslashes] === '\\') backslashes += 1
  return backslashes % 2 === 1
}

/** In well-formed JSON a colon follows keys and nothing else. */
function isKey(text: string, end: number): boolean {
  let index = end
  while (text.charCodeAt(index) <= 0x20) index += 1
  return text.charCodeAt(index) === COLON
}

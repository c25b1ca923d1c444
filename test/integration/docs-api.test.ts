import { describe, expect, it } from 'vitest'
import { API_PAGE, type ApiStep, playApiPage } from '../kit/api-page.ts'
import { kindOf, shapeAsShown, shapeOf } from '../kit/json-shape.ts'
import { headingsOf } from '../kit/markdown.ts'
import { parseHead, type ShellAnswer } from '../kit/shell-story.ts'

// docs/API.md against a real node: bash and curl run its commands from top to bottom, in one go for all tests.

const ENDPOINT = /^(?:GET|POST|PUT|PATCH|DELETE) \//
/** The gateway answers WebSocket handshakes before any route is looked for, so the request log does not name them. */
const HANDSHAKE_ONLY = ['GET /notifications/ws']
/** The files of the dashboard are for browsers, and not part of the API. */
const isDashboard = (endpoint: string): boolean => / \/admin(?!\/v1\/)/.test(endpoint)

describe.skipIf(process.platform === 'win32')('docs/API.md', () => {
  it('shows every answer as a node gives it, and every endpoint', { timeout: 60_000 }, async () => {
    const { steps, asked, served } = await playApiPage()
    const shown = steps.filter((step) => step.shown !== undefined)

    expect(shown.length).toBeGreaterThan(50)
    for (const step of shown) expect(asGiven(step), `line ${step.line}: ${step.command}`).toEqual(asShown(step))

    const endpoints = headingsOf(API_PAGE, 3).filter((heading) => ENDPOINT.test(heading))
    const described = served.filter((endpoint) => !isDashboard(endpoint))
    expect(endpoints.toSorted()).toEqual(described.toSorted())
    expect(described.filter((endpoint) => !asked.has(endpoint))).toEqual(HANDSHAKE_ONLY)
  })
})

/** What the page says of an answer, and what the answer says of itself, in the same terms. */
interface Described {
  status: number
  headers: Record<string, unknown>
  body: unknown
}

function asShown({ shown = '' }: ApiStep): Described {
  const { status, headers, body } = parseShown(shown)
  const json = parseJson(body)
  return {
    status,
    headers: Object.fromEntries([...headers].map(([name, value]) => [name, plain(value)])),
    body: json === undefined ? linesOf(body) : shapeOf(json),
  }
}

function asGiven({ shown = '', answer }: ApiStep): Described | undefined {
  if (answer === undefined) return undefined
  const page = parseShown(shown)
  const given = parseJson(answer.body)
  return {
    status: answer.status,
    headers: Object.fromEntries([...page.headers.keys()].map((name) => [name, plain(answer.headers.get(name) ?? '')])),
    body: given === undefined ? linesAsShown(answer.body, page.body) : shapeAsShown(given, parseJson(page.body)),
  }
}

/** A page shows some lines of a long text, and none of a page for people. */
function linesAsShown(given: string, shown: string): string[] {
  const lines = linesOf(given)
  return shown === '' && lines.length > 1 ? [] : linesOf(shown).filter((line) => lines.includes(line))
}

function parseShown(text: string): ShellAnswer {
  const [head = '', ...body] = text.split('\n\n')
  return { ...parseHead(head), body: body.join('\n\n').trim() }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.trim().split('\n').map(plain))

/** Without the numbers that differ from run to run. */
const plain = (text: string): string => (kindOf(text) === 'text' ? text.replaceAll(/\d+(\.\d+)?/g, 'N') : kindOf(text))

import { fileURLToPath } from 'node:url'
import { type DashboardFile, listDashboardFiles, readDashboardFiles } from '../dashboard/files.ts'
import { adminPage } from '../guards.ts'
import { empty, type Reply, withHeaders } from '../reply.ts'
import { route, type Route } from '../route.ts'

const RENDERER = fileURLToPath(new URL('../../../renderer', import.meta.url))
const HOME = '/admin/'
const INDEX = 'index.html'

const HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // Asked for again each time: a node that was updated must never meet a page of the version before.
  'cache-control': 'no-cache',
}

const common = {
  method: 'GET',
  family: 'root',
  tag: 'Dashboard',
  auth: adminPage,
  errors: [],
  errorStyle: 'detailed',
  metricLabel: HOME,
} as const

/**
 * The admin page. Each file has a route of its own, so a path that is not on the list is nobody's; they are read at the
 * first request, all at once, and kept.
 */
export function dashboardRoutes(directory = RENDERER): Route[] {
  const paths = listDashboardFiles(directory)
  const files = remembered(() => readDashboardFiles(directory, paths))

  const fileRoute = (path: string): Route =>
    route({
      ...common,
      path: path === INDEX ? HOME : `${HOME}${path}`,
      summary: `${path} of the dashboard`,
      response: { status: 200 },
      handler: async ({ request }) => replyWith((await files()).get(path), request.header('if-none-match')),
    })

  const toHome = route({
    ...common,
    path: HOME.slice(0, -1),
    summary: 'Leads to the dashboard',
    response: { status: 308 },
    handler: () => withHeaders(empty(308), { location: HOME }),
  })

  return [toHome, ...paths.map(fileRoute)]
}

function replyWith(file: DashboardFile | undefined, knownTags: string | undefined): Reply {
  if (file === undefined) return empty(404)
  const headers = { ...HEADERS, etag: file.tag }
  if (isKnown(file.tag, knownTags)) return withHeaders(empty(304), headers)
  return { status: 200, contentType: file.contentType, body: file.body, headers }
}

const isKnown = (tag: string, knownTags: string | undefined): boolean =>
  knownTags?.split(',').some((known) => known.trim().replace(/^W\//, '') === tag) === true

/** The first result for all callers; a failure is not kept. */
function remembered<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}

import { randomUUID } from 'node:crypto'
import { silentLogger } from '../../node/base/log.ts'
import { createMetrics, type Metrics } from '../../node/base/metrics.ts'
import type { Authenticator } from '../../node/http/guards.ts'
import type { Route } from '../../node/http/route.ts'
import { createHttpServer, type HttpServerConfig, type HttpServerDeps } from '../../node/http/server.ts'

const nobody: Authenticator = {
  session: () => undefined,
  admin: () => undefined,
  adminOrigins: [],
  clientOrigins: [],
  adminRemote: false,
}

export interface TestServer extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly metrics: Metrics
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** POST with a JSON body; `token` becomes a bearer token. */
  post(path: string, body: unknown, token?: string): Promise<Response>
  get(path: string, token?: string): Promise<Response>
  stop(graceMs: number): Promise<void>
}

type Options = Partial<Omit<HttpServerDeps, 'config'>> & { config?: Partial<HttpServerConfig> }

/** A listening server with these routes on a free loopback port. Closes itself with `await using`. */
export async function startHttp(routes: readonly Route[], options: Options = {}): Promise<TestServer> {
  const metrics = options.metrics ?? createMetrics()
  const server = createHttpServer({
    log: silentLogger,
    newId: randomUUID,
    authenticator: nobody,
    routes,
    ...options,
    metrics,
    config: {
      host: '127.0.0.1',
      port: 0,
      allowedHosts: [],
      corsOrigins: [],
      trustProxy: 'loopback',
      bodyMaxBytes: 2 * 1024 * 1024,
      ...options.config,
    },
  })
  const { port } = await server.start()
  const url = `http://127.0.0.1:${port}`
  const request = (path: string, init?: RequestInit) => fetch(url + path, init)
  return {
    url,
    port,
    metrics,
    fetch: request,
    post: (path, body, token) =>
      request(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...bearer(token) },
        body: JSON.stringify(body),
      }),
    get: (path, token) => request(path, { headers: bearer(token) }),
    stop: (graceMs) => server.stop(graceMs),
    [Symbol.asyncDispose]: () => server.stop(0),
  }
}

export const bearer = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` }

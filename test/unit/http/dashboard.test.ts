import { mkdirSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { dashboardRoutes } from '../../../node/http/routes/dashboard.ts'
import { startHttp, type TestServer } from '../../kit/http.ts'
import { tempDir } from '../../kit/temp-dir.ts'

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

const serve = () => startHttp(dashboardRoutes())

/** Past `fetch`, which tidies paths up before they are sent. */
function getRaw(server: TestServer, path: string): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ port: server.port, host: '127.0.0.1', path }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode, body }), reject)
    })
    outgoing.on('error', reject).end()
  })
}

describe('the dashboard over HTTP', () => {
  it.each([
    ['/admin/', 'text/html; charset=utf-8'],
    ['/admin/main.ts', 'text/javascript; charset=utf-8'],
    ['/admin/styles/base.css', 'text/css; charset=utf-8'],
    ['/admin/mark.svg', 'image/svg+xml'],
  ])('%s comes as %s under a policy that lets nothing in', async (path, type) => {
    await using server = await serve()

    const response = await server.get(path)

    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe(type)
    expect(response.headers.get('content-security-policy')).toBe(POLICY)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('cache-control')).toBe('no-cache')
  })

  it('the page has no script and no style of its own, and all it names is served', async () => {
    await using server = await serve()

    const page = await (await server.get('/admin/')).text()

    expect(page).not.toMatch(/<style|<script(?![^>]* src=)| style=| on\w+=/)
    const named = [...page.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, path]) => path)
    const statuses = await Promise.all(named.map(async (path) => (await server.get(`/admin/${path}`)).status))
    expect(named.length).toBeGreaterThan(3)
    expect(new Set(statuses)).toEqual(new Set([200]))
  })

  it('scripts are sent without their types, line by line as they were written', async () => {
    const dir = tempDir()
    writeFileSync(dir.file('index.html'), '<!doctype html>')
    writeFileSync(dir.file('main.ts'), "import type { A } from './a.ts'\nexport const one: number = 1\n")
    await using server = await startHttp(dashboardRoutes(dir.path))

    const script = await (await server.get('/admin/main.ts')).text()

    expect(script.split('\n').map((line) => line.replaceAll(/ +/g, ' ').trim())).toEqual([
      '',
      'export const one = 1',
      '',
    ])
  })

  it('what has not changed is not sent again', async () => {
    await using server = await serve()
    const tag = (await server.get('/admin/main.ts')).headers.get('etag') ?? ''

    const again = await server.fetch('/admin/main.ts', { headers: { 'if-none-match': `"other", W/${tag}` } })
    const changed = await server.fetch('/admin/main.ts', { headers: { 'if-none-match': '"other"' } })

    expect([again.status, await again.text()]).toEqual([304, ''])
    expect(again.headers.get('etag')).toBe(tag)
    expect(changed.status).toBe(200)
  })

  it('HEAD is answered like GET, anything else is refused', async () => {
    await using server = await serve()

    const head = await server.fetch('/admin/', { method: 'HEAD' })
    const post = await server.post('/admin/', {})

    expect([head.status, await head.text()]).toEqual([200, ''])
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET,HEAD'])
  })

  it('the address without its slash leads to the page', async () => {
    await using server = await serve()

    const response = await server.fetch('/admin', { redirect: 'manual' })

    expect([response.status, response.headers.get('location')]).toEqual([308, '/admin/'])
  })

  it.each([
    '/admin/tsconfig.json',
    '/admin/index.html',
    '/admin/styles',
    '/admin/nothing.ts',
    '/admin/../package.json',
    '/admin/..%2fpackage.json',
    '/admin/%2e%2e/package.json',
    '/admin/..%5cpackage.json',
    '/admin//etc/passwd',
    '/admin/main.ts%00.css',
  ])('%s is nobody’s', async (path) => {
    await using server = await serve()

    expect(await getRaw(server, path)).toEqual({ status: 404, body: '' })
  })

  it('other computers get it only where they may call the admin API', async () => {
    const routes = dashboardRoutes()
    await using closed = await startHttp(routes)
    await using open = await startHttp(routes, {
      authenticator: {
        session: () => undefined,
        admin: () => undefined,
        adminOrigins: [],
        clientOrigins: [],
        adminRemote: true,
      },
    })
    const fromAfar = { headers: { 'x-forwarded-for': '203.0.113.7' } }

    expect((await closed.fetch('/admin/', fromAfar)).status).toBe(403)
    expect((await open.fetch('/admin/', fromAfar)).status).toBe(200)
  })

  it('a host name that is not ours is refused before anything else', async () => {
    await using server = await serve()

    const status = await new Promise((resolve) => {
      const headers = { host: 'evil.example' }
      request({ port: server.port, host: '127.0.0.1', path: '/admin/', headers }, (response) => {
        response.resume()
        resolve(response.statusCode)
      }).end()
    })

    expect(status).toBe(421)
  })

  it('a source that cannot be stripped is a fault of the node, and is tried again', async () => {
    const dir = tempDir()
    writeFileSync(dir.file('main.ts'), 'export enum Colour { Red }')
    await using server = await startHttp(dashboardRoutes(dir.path))

    const broken = (await server.get('/admin/main.ts')).status
    writeFileSync(dir.file('main.ts'), 'export const red = 1')

    expect([broken, (await server.get('/admin/main.ts')).status]).toEqual([500, 200])
  })

  it('finds files in folders too', async () => {
    const dir = tempDir()
    mkdirSync(dir.file('deep/er'), { recursive: true })
    writeFileSync(dir.file('deep/er/x.css'), '')
    await using server = await startHttp(dashboardRoutes(dir.path))

    expect((await server.get('/admin/deep/er/x.css')).status).toBe(200)
  })
})

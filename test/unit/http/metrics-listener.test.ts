import { expect, test } from 'vitest'
import { silentLogger } from '../../../node/base/log.ts'
import { createMetrics } from '../../../node/base/metrics.ts'
import { createMetricsListener } from '../../../node/http/metrics-listener.ts'
import { rawRequest } from '../../kit/rule-server.ts'

async function startListener(text: () => Promise<string>) {
  const listener = createMetricsListener({
    host: '127.0.0.1',
    port: 0,
    allowedHosts: ['scraper.example'],
    text,
    log: silentLogger,
  })
  const { port } = await listener.start()
  return {
    port,
    get: (path: string, method = 'GET') => fetch(`http://127.0.0.1:${port}${path}`, { method }),
    [Symbol.asyncDispose]: () => listener.stop(0),
  }
}

test('figures of a node are served on an address of their own', async () => {
  const metrics = createMetrics()
  const counter = metrics.counter({ name: 'openguild_things_total', help: 'Things', labels: ['kind'] })
  metrics.gauge({ name: 'openguild_now', help: 'Looked up when asked', collect: (gauge) => gauge.set(7) })
  counter.inc({ kind: 'a' }, 3)
  await using listener = await startListener(() => metrics.text())

  const response = await listener.get('/metrics')

  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4')
  const figures = await response.text()
  expect(figures).toContain('openguild_things_total{kind="a"} 3')
  expect(figures).toContain('openguild_now 7')
})

test('nothing else is served there', async () => {
  await using listener = await startListener(() => Promise.reject(new Error('broken')))

  expect((await listener.get('/health')).status).toBe(404)
  expect((await listener.get('/metrics', 'POST')).status).toBe(405)
  expect((await listener.get('/metrics')).status).toBe(500)
})

test('another host name is refused, so that no web page rebinds its way to the figures', async () => {
  await using listener = await startListener(async () => 'openguild_now 7')
  const statusFor = async (host: string) => (await rawRequest(listener, '/metrics', { headers: { host } })).statusCode

  expect(await statusFor('evil.example')).toBe(421)
  expect(await statusFor('localhost:9100')).toBe(200)
  expect(await statusFor('scraper.example')).toBe(200)
})

test('two nodes in one process have figures of their own', async () => {
  const [one, other] = [createMetrics(), createMetrics()]
  const options = { name: 'openguild_same', help: 'Same name' }
  one.counter(options).inc()
  other.counter(options)

  expect(await one.text()).toContain('openguild_same 1')
  expect(await other.text()).toContain('openguild_same 0')
})

import { expect, test } from 'vitest'
import { probeRoutes, type ProbeDeps } from '../../../node/http/routes/probes.ts'
import { startHttp } from '../../kit/http.ts'

const healthy: ProbeDeps = {
  version: '1.2.3',
  readiness: () => ({ status: 'ready', components: [{ name: 'database', status: 'configured', details: 'open' }] }),
  uptimeSeconds: () => 12.9,
  metricsText: undefined,
}

test('the probes answer as the original', async () => {
  await using server = await startHttp(probeRoutes(healthy))

  const health = await server.get('/health')
  const ready = await server.get('/ready')
  const version = await server.get('/version')

  expect(health.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  expect(await health.text()).toBe('ok')
  expect(await ready.json()).toEqual({
    status: 'ready',
    uptime_seconds: 12,
    components: [{ name: 'database', status: 'configured', details: 'open' }],
  })
  expect(await version.json()).toEqual({ version: '1.2.3' })
})

test('readiness is looked at anew for every request, and a degraded node still answers 200', async () => {
  let isDatabaseUp = true
  const readiness: ProbeDeps['readiness'] = () =>
    isDatabaseUp
      ? { status: 'ready', components: [{ name: 'database', status: 'configured' }] }
      : { status: 'degraded', components: [{ name: 'database', status: 'error', details: 'disk full' }] }
  await using server = await startHttp(probeRoutes({ ...healthy, readiness }))

  const before = await server.get('/ready')
  isDatabaseUp = false
  const after = await server.get('/ready')

  expect(await before.json()).toMatchObject({ status: 'ready' })
  expect(after.status).toBe(200)
  expect(await after.json()).toMatchObject({ status: 'degraded', components: [{ details: 'disk full' }] })
})

test('figures are served when they are on and 404 when they are off', async () => {
  await using off = await startHttp(probeRoutes(healthy))
  await using on = await startHttp(probeRoutes({ ...healthy, metricsText: async () => 'openguild_x 1\n' }))

  const refused = await off.get('/metrics')
  const served = await on.get('/metrics')

  expect(refused.status).toBe(404)
  expect(served.headers.get('content-type')).toBe('text/plain; version=0.0.4')
  expect(await served.text()).toBe('openguild_x 1\n')
})

test('probes are at the root only', async () => {
  await using server = await startHttp(probeRoutes(healthy))

  expect((await server.get('/client/v1/health')).status).toBe(404)
})

import { describe, expect, it, vi } from 'vitest'
import { createLifecycle, type Part } from '../../../node/base/lifecycle.ts'
import { silentLogger } from '../../../node/base/log.ts'

function recorder() {
  const calls: string[] = []
  const part = (name: string, overrides: Partial<Part> = {}): Part => ({
    name,
    start: () => void calls.push(`start ${name}`),
    stop: () => void calls.push(`stop ${name}`),
    ...overrides,
  })
  return { calls, part }
}

const fail = (message: string) => () => Promise.reject(new Error(message))
const forever = () => new Promise<void>(() => {})

function lifecycleOf(...parts: Part[]) {
  const lifecycle = createLifecycle(silentLogger, { stopDeadlineMs: 40 })
  for (const part of parts) lifecycle.add(part)
  return lifecycle
}

describe('starting and stopping', () => {
  it('parts start in order and stop in reverse', async () => {
    const { calls, part } = recorder()
    const lifecycle = lifecycleOf(part('storage'), part('peers'), part('http'))

    await lifecycle.start()
    const report = await lifecycle.stop()

    expect(calls).toEqual(['start storage', 'start peers', 'start http', 'stop http', 'stop peers', 'stop storage'])
    expect(report).toEqual({ hung: [], failed: [] })
  })

  it('a part that fails to start stops those before it and only those', async () => {
    const { calls, part } = recorder()
    const lifecycle = lifecycleOf(part('storage'), part('peers', { start: fail('port in use') }), part('http'))

    await expect(lifecycle.start()).rejects.toThrow('port in use')

    expect(calls).toEqual(['start storage', 'stop storage'])
    expect(lifecycle.status()).toEqual([
      { name: 'storage', status: 'stopped' },
      { name: 'peers', status: 'failed', details: 'port in use' },
      { name: 'http', status: 'waiting' },
    ])
  })

  it('stopping twice stops once and reports the same', async () => {
    const { calls, part } = recorder()
    const lifecycle = lifecycleOf(part('storage'))
    await lifecycle.start()

    const [first, second] = await Promise.all([lifecycle.stop(), lifecycle.stop()])

    expect(calls).toEqual(['start storage', 'stop storage'])
    expect(second).toBe(first)
  })

  it('stopping what never started is nothing', async () => {
    const { calls, part } = recorder()

    expect(await lifecycleOf(part('storage')).stop()).toEqual({ hung: [], failed: [] })
    expect(calls).toEqual([])
  })

  it('a stop during the start lets the current part finish and starts no other', async () => {
    const { calls, part } = recorder()
    const { promise: opened, resolve: open } = Promise.withResolvers<void>()
    const lifecycle = lifecycleOf(part('storage', { start: () => opened }), part('http'))

    const starting = lifecycle.start()
    const stopping = lifecycle.stop()
    open()

    await expect(starting).rejects.toThrow('stopped while it was starting')
    expect(await stopping).toEqual({ hung: [], failed: [] })
    expect(calls).toEqual(['stop storage'])
  })

  it('no part can be added once started', async () => {
    const { part } = recorder()
    const lifecycle = lifecycleOf()
    await lifecycle.start()

    expect(() => lifecycle.add(part('late'))).toThrow('late was added after the start')
  })
})

describe('trouble while stopping', () => {
  it('a part that hangs is named and those before it are still stopped, within the deadline', async () => {
    const { calls, part } = recorder()
    const lifecycle = lifecycleOf(part('storage'), part('peers', { stop: forever }), part('http', { stop: forever }))
    await lifecycle.start()
    const since = performance.now()

    const report = await lifecycle.stop()

    expect(report).toEqual({ hung: ['http', 'peers'], failed: [] })
    expect(calls).toContain('stop storage')
    expect(performance.now() - since).toBeLessThan(1000)
    expect(lifecycle.status()).toContainEqual({ name: 'http', status: 'failed', details: 'did not stop in time' })
  })

  it('a part whose start hangs is named', async () => {
    const { part } = recorder()
    const lifecycle = lifecycleOf(part('peers', { start: forever }), part('http'))
    void lifecycle.start()

    expect(await lifecycle.stop()).toEqual({ hung: ['peers'], failed: [] })
  })

  it('a part that throws is named, logged, and does not keep the others from stopping', async () => {
    const { calls, part } = recorder()
    const error = vi.fn()
    const lifecycle = createLifecycle({ ...silentLogger, error })
    lifecycle.add(part('storage'))
    lifecycle.add(
      part('http', {
        stop: () => {
          throw new Error('broken')
        },
      }),
    )
    await lifecycle.start()

    expect(await lifecycle.stop()).toEqual({ hung: [], failed: ['http'] })
    expect(calls).toContain('stop storage')
    expect(error).toHaveBeenCalledWith(expect.objectContaining({ part: 'http' }), 'Part failed to stop')
  })
})

describe('status', () => {
  it('tells the state of each part and its reason', async () => {
    const { part } = recorder()
    const lifecycle = lifecycleOf(
      part('storage'),
      part('peers', { health: () => ({ status: 'degraded', details: 'no peer connected' }) }),
      part('http', {
        health: () => {
          throw new Error('broken')
        },
      }),
    )
    expect(lifecycle.status().map(({ status }) => status)).toEqual(['waiting', 'waiting', 'waiting'])

    await lifecycle.start()

    expect(lifecycle.status()).toEqual([
      { name: 'storage', status: 'ready' },
      { name: 'peers', status: 'degraded', details: 'no peer connected' },
      { name: 'http', status: 'failed', details: 'broken' },
    ])
  })

  it('a degraded node is ready, a failed or stopped one is not', async () => {
    const { part } = recorder()
    let status: 'degraded' | 'failed' = 'degraded'
    const lifecycle = lifecycleOf(part('peers', { health: () => ({ status, details: 'x' }) }))

    expect(lifecycle.isReady()).toBe(false)
    await lifecycle.start()
    expect(lifecycle.isReady()).toBe(true)
    status = 'failed'
    expect(lifecycle.isReady()).toBe(false)
    status = 'degraded'
    await lifecycle.stop()
    expect(lifecycle.isReady()).toBe(false)
  })
})

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { StopReport } from '../../../node/base/lifecycle.ts'
import { silentLogger } from '../../../node/base/log.ts'
import { runUntilSignal, type SignalHost } from '../../../node/base/run-until-signal.ts'

const fixture = fileURLToPath(new URL('run-until-signal.fixture.ts', import.meta.url))

/** Starts the fixture and sends each signal as soon as the line before it is written. */
async function run(mode: string, script: [afterLine: string, signal: NodeJS.Signals][]) {
  const child = spawn(process.execPath, [fixture, mode], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const sentences: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    const sentence = (JSON.parse(line) as { msg: string }).msg
    sentences.push(sentence)
    const [next] = script
    if (next && sentence.startsWith(next[0])) {
      script.shift()
      child.kill(next[1])
    }
  }
  const [code] = await exited
  return { code, sentences }
}

describe.skipIf(process.platform === 'win32')('a process', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('stops its parts on %s and ends with 0', async (signal) => {
    const { code, sentences } = await run('', [['up', signal]])

    expect(code).toBe(0)
    expect(sentences).toEqual(['up', 'Stopping; the same signal again exits at once', 'Stopped'])
  })

  it('ends at once on a second signal, though a part hangs', async () => {
    const { code } = await run('hang', [
      ['up', 'SIGTERM'],
      ['Stopping', 'SIGINT'],
    ])

    expect(code).toBe(130)
  })

  it('ends though something was left open, and says so', async () => {
    const { code, sentences } = await run('leak', [['up', 'SIGTERM']])

    expect(code).toBe(0)
    expect(sentences.at(-1)).toBe('Something is still open after the stop; exiting anyway')
  })
})

function heldHost() {
  const listeners = new Map<string, () => void>()
  const exits: number[] = []
  const host: SignalHost = {
    on: (signal, listener) => listeners.set(signal, listener),
    off: (signal) => listeners.delete(signal),
    exit: (code) => exits.push(code),
  }
  return { host, listeners, exits }
}

const stopsWith = (report: StopReport) => ({ start: async () => {}, stop: async () => report })

it('a part that hung makes the exit code 1', async () => {
  const { host, listeners } = heldHost()

  const running = runUntilSignal(stopsWith({ hung: ['http'], failed: [] }), silentLogger, host)
  listeners.get('SIGTERM')?.()
  await running

  expect(host.exitCode).toBe(1)
  expect(listeners.size).toBe(0)
})

it('a start that fails is thrown and leaves no listener behind', async () => {
  const { host, listeners } = heldHost()
  const runnable = { ...stopsWith({ hung: [], failed: [] }), start: () => Promise.reject(new Error('port in use')) }

  await expect(runUntilSignal(runnable, silentLogger, host)).rejects.toThrow('port in use')

  expect(listeners.size).toBe(0)
})

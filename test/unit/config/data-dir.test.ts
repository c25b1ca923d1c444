import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { messageOf } from '../../../node/base/errors.ts'
import { DataDirError, lockDataDir } from '../../../node/config/data-dir.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'openguild-data-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

async function holdInOtherProcess() {
  const fixture = fileURLToPath(new URL('data-dir.fixture.ts', import.meta.url))
  const child = spawn(process.execPath, ['--expose-gc', fixture, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}

function messageOfThrown(work: () => unknown): string {
  try {
    work()
    return 'nothing was thrown'
  } catch (thrown) {
    return messageOf(thrown)
  }
}

it('a directory is made when it is missing', () => {
  const inner = join(directory, 'a', 'b')

  lockDataDir(inner).release()

  expect(lockDataDir(inner).release).not.toThrow()
})

it('two nodes of one process cannot share a directory', () => {
  const lock = lockDataDir(directory)

  expect(() => lockDataDir(directory)).toThrow(DataDirError)
  expect(() => lockDataDir(directory)).toThrow(`is in use by the node with process id ${process.pid}`)

  lock.release()
  lock.release()
  lockDataDir(directory).release()
})

it('a second process is refused, and told who holds the directory', async () => {
  const child = await holdInOtherProcess()

  const message = messageOfThrown(() => lockDataDir(directory))

  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(message).toContain(`${directory} is in use by the node with process id ${child.pid}. Stop that one first`)
})

it('a node killed with -9 leaves nothing that keeps the next one out', async () => {
  const child = await holdInOtherProcess()
  child.kill('SIGKILL')
  await once(child, 'exit')

  const lock = lockDataDir(directory)

  expect(readFileSync(join(directory, 'node.pid'), 'utf8').trim()).toBe(String(process.pid))
  lock.release()
})

it('a path that is a file is named with what to do', () => {
  const path = join(directory, 'file')
  writeFileSync(path, '')

  expect(() => lockDataDir(path)).toThrow(/file cannot be used: .*choose another with --data-dir/)
})
